"""Live panels: ipywidgets controls on top of Bokeh figures, shown through `pane.BokehPane`."""
