// One place in a page where a BokehPane is shown. The figure's state lives in Python (pane.py): a view asks for a
// snapshot when it is mounted, applies the patches that follow, and sends back what the user does.

// BokehJS, once per page and version, shared by all panes. It is evaluated with `scope` in place of `window`, so that
// another BokehJS on the page is neither used nor replaced.
const PAGE = (globalThis.__pchp_bokeh__ ??= {});

// Of these only the newest matters while the kernel is busy. All others (taps, selections) arrive one by one.
const CONTINUOUS = new Set(["rangesupdate", "mousemove", "pan", "pinch", "rotate"]);

/** BokehJS with these components: widgets (pane.py) that the page has been given already, whatever the kernel does. */
async function bokehjs(model, libraries) {
  const { scope, loads } = (PAGE[model.get("_version")] ??= { scope: {}, loads: {} });
  for (const id of libraries) {
    const library = await model.widget_manager.get_model(id);
    const component = library.get("component");
    await (loads[component] ??= evaluate(library.get("source"), scope).then(
      () => {
        if (component !== "bokeh") return;
        spare_work(scope.Bokeh);
        words_with_rows(scope.Bokeh);
      },
    ));
  }
  return scope.Bokeh;
}

async function evaluate(gzipped, scope) {
  const stream = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const source = await new Response(stream).blob();
  // Imported from a blob, as anywidget does with this file: no policy that lets us run forbids it.
  const url = URL.createObjectURL(new Blob(["export default function () {", source, "\n}"], { type: "text/javascript" }));
  try {
    (await import(/* webpackIgnore: true */ url)).default.call(scope);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * At every paint, BokehJS writes the style sheet of each part of a figure anew, and asks the browser for the custom
 * property behind every colour, font and width; for each answer the browser works out the styles of the whole page.
 * Nearly all of these writes change nothing, and no figure of ours is styled by `--bk-` properties: both are left out.
 * It asks for the size of the page's letters with every word, though ours are given in pixels: once is enough.
 * A figure whose numbers get longer starts a layout of all figures beside it, although the border that is kept free for
 * an axis has room for them: here an axis takes that border from the start.
 * A figure of a view that is not shown is painted anyway, and laid out for it and with all others.
 * What shows the tips of a layer is made anew when their words change, such as a unit; it depends on the layers alone.
 */
function spare_work(bokeh) {
  const sheet = bokeh.require("core/dom").InlineStyleSheet.prototype;
  const update = sheet._update;
  sheet._update = function (css) {
    if (this.el.textContent !== css) update.call(this, css);
  };
  bokeh.require("core/visuals/visual").VisualProperties.prototype._get_css_value = () => "";
  const plot = bokeh.require("models/plots/plot_canvas").PlotView.prototype;
  const font = Object.getOwnPropertyDescriptor(plot, "base_font_size").get;
  Object.defineProperty(plot, "base_font_size", { get() { return (this.letter_size ??= font.call(this)); } });
  const { repaint } = plot;
  plot.repaint = function () {
    if (this.is_displayed) repaint.call(this); // when its view is shown again, its layout is computed and it is drawn
  };
  const layout = bokeh.require("models/layouts/layout_dom").LayoutDOMView.prototype;
  for (const step of ["update_layout", "measure_layout", "_compute_layout", "after_layout"]) {
    const own = layout[step];
    layout[step] = function () {
      if (this.model.visible || !this.has_finished()) own.call(this);
    };
  }
  const hover = bokeh.require("models/tools/inspectors/hover_tool").HoverToolView.prototype;
  const renew = hover._update_ttmodels;
  hover._update_ttmodels = async function () {
    const layers = this.computed_renderers;
    const known = layers.length === this.ttmodels.size && layers.every((layer) => this.ttmodels.has(layer));
    if (!known || this.model.tooltips == null) await renew.call(this);
  };
  const axis = bokeh.require("models/axes/axis").AxisView.prototype;
  const size = axis.get_size;
  axis.get_size = function () {
    const { width, height } = size.call(this);
    const room = this.panel?.side === "left" && height ? (this.plot_view.model.min_border_left ?? 0) : 0;
    return { width, height: Math.max(height, room) }; // the height of an axis is its thickness
  };
}

/**
 * Of a table that changes, BokehJS takes rows and colours at once, but words a moment later: what paints in between, as a
 * new layout does, writes the words of before over the rows of now, or asks for colours of rows that are gone and fails.
 */
function words_with_rows(bokeh) {
  const { TextBox } = bokeh.require("core/graphics");
  bokeh.require("models/glyphs/text").TextView.prototype._set_data = function () {
    if (this.inherited_text) return this._inherit_attr("labels");
    const labels = Array.from(this.text, (word) => (word == null ? null : new TextBox({ text: `${word}` })));
    this._define_attr("labels", labels);
  };
}

/**
 * Lays out once what several changes ask to be laid out anew: each would take as long as all of them. What has been laid
 * out is painted in the next frame, as all else that has changed: BokehJS would paint it now and then again.
 */
function one_layout(bokeh, change) {
  const { LayoutDOMView } = bokeh.require("models/layouts/layout_dom");
  const { PlotView } = bokeh.require("models/plots/plot_canvas");
  const { invalidate_layout } = LayoutDOMView.prototype, { paint } = PlotView.prototype;
  const stale = new Set();
  LayoutDOMView.prototype.invalidate_layout = function () {
    if (this.is_layout_root) stale.add(this);
    else this.parent.invalidate_layout();
  };
  try {
    change();
  } finally {
    LayoutDOMView.prototype.invalidate_layout = invalidate_layout;
    PlotView.prototype.paint = function () {
      if (this.is_displayed) this.schedule_paint();
      else paint.call(this);
    };
    try {
      for (const view of stale) view.invalidate_layout();
    } finally {
      PlotView.prototype.paint = paint;
    }
  }
}

class View {
  constructor(model, wire, el) {
    this.model = model;
    this.wire = wire;
    this.el = el;
    this.tasks = Promise.resolve(); // snapshots and patches take effect in the order in which they came
    this.receive = this.receive.bind(this);
    this.leave = this.leave.bind(this);
    wire.on("msg:custom", this.receive);
    addEventListener("pagehide", this.leave); // a page that is closed or reloaded cleans up nothing
    this.theme = new MutationObserver(() => this.retheme());
    this.theme.observe(document.body, { attributeFilter: ["class", "data-jp-theme-light", "data-vscode-theme-kind"] });
    this.mount();
  }

  /** Start afresh from Python's state, under a name that no message to or from the state before it carries. */
  mount() {
    this.leave();
    const view = (this.id = Math.random().toString(36).slice(2));
    this.current = false; // patches that come before Python's answer are part of it
    this.unsent = new Map();
    this.unanswered = false;
    const first = this.wire.get("first"); // present until something changes, and drawn without the kernel's help
    if (first) this.enqueue(() => this.show({ ...first, view }, first.columns));
    this.send({ kind: "mounted", view, showsFirst: Boolean(first) });
  }

  send(message, buffers) {
    try {
      this.wire.send(message, undefined, buffers);
    } catch {
      // The kernel has been restarted or the pane closed: the figure stays as it was, and nobody is there to be told.
    }
  }

  leave() {
    if (this.id) this.send({ kind: "closed", view: this.id });
    this.id = null;
  }

  close() {
    this.leave();
    this.wire.off("msg:custom", this.receive);
    removeEventListener("pagehide", this.leave);
    this.theme.disconnect();
    this.discard();
  }

  receive(message, buffers) {
    if (message.view && message.view !== this.id) return;
    switch (message.kind) {
      case "snapshot":
        this.current = true;
        this.enqueue(() => this.show(message, buffers));
        break;
      case "current":
        this.current = true;
        break;
      case "patch":
        if (this.current && message.author !== this.id) this.enqueue(() => this.patch(message, buffers));
        break;
      case "ack":
        this.unanswered = false;
        this.flush();
        break;
      case "remount":
        this.mount();
        break;
      case "failed":
        this.fail(new Error(message.text));
    }
  }

  enqueue(task) {
    const { id } = this;
    this.tasks = this.tasks.then(() => id === this.id && task()).catch((error) => id === this.id && this.fail(error));
  }

  async show({ view, json, names, libraries }, buffers) {
    this.bokeh = await bokehjs(this.model, libraries);
    if (view !== this.id) return;
    const { Document } = this.bokeh.require("document");
    const { add_document_standalone } = this.bokeh.require("embed/standalone");
    this.el.style.minHeight = `${this.el.offsetHeight}px`; // the page must not jump while the figure is swapped
    this.discard();
    const host = document.createElement("div");
    host.style.display = "contents"; // sized by the pane, as the figure's sizing mode says
    this.el.replaceChildren(host);
    this.unsent.clear(); // it was done to the document that this one replaces
    const doc = (this.doc = Document.from_json(JSON.parse(json), [], columns(names, buffers)));
    this.recolor();
    doc.on_change((event) => view === this.id && this.changed(event));
    await add_document_standalone(doc, host);
    this.el.style.minHeight = "";
    if (view !== this.id) this.discard(doc);
  }

  /** Free a document and its views. BokehJS keeps a list of all documents, which only we can shorten. */
  discard(doc = this.doc) {
    if (!doc) return;
    doc.views_manager?.clear();
    const { documents } = this.bokeh.require("document");
    if (documents.includes(doc)) documents.splice(documents.indexOf(doc), 1);
    if (doc === this.doc) this.doc = null;
  }

  patch({ json, names, author }, buffers) {
    const patch = JSON.parse(json);
    try {
      one_layout(this.bokeh, () => this.doc.apply_json_patch(patch, columns(names, buffers)));
    } catch (error) {
      console.warn("BokehPane: a patch did not fit; starting afresh", error);
      return this.mount();
    }
    this.doc.create_json_patch([]); // marks models that came with the patch as known to Python
    for (const { model, attr } of author ? patch.events : []) {
      // A range that was moved in another view is no longer automatic in this one either.
      const range = (attr === "start" || attr === "end") && this.doc.get_model_by_id(model.id);
      if (range && "have_updated_interactively" in range) range.have_updated_interactively = true;
    }
    if (patch.events.some(({ attr, new: value }) => attr?.endsWith("_color") || typeof value === "object")) this.recolor();
  }

  changed(event) {
    if (!event.sync) return; // came from Python, or concerns this view alone
    let key = event;
    if (event.kind === "ModelChanged") key = `${event.model.id}.${event.attr}`;
    else if (CONTINUOUS.has(event.msg_data?.event_name)) key = `${event.msg_data.origin?.id} ${event.msg_data.event_name}`;
    this.unsent.delete(key); // so that it takes its place among the others anew
    this.unsent.set(key, event);
    queueMicrotask(() => this.flush()); // changes made together, such as both ends of a range, go together
  }

  flush() {
    if (this.unanswered || !this.unsent?.size || !this.doc) return;
    this.announce();
    this.unanswered = true;
    const patch = this.doc.create_json_patch([...this.unsent.values()]);
    this.unsent.clear();
    const buffers = [];
    const { Buffer } = this.bokeh.require("core/serialization");
    const json = JSON.stringify(patch, (_, value) =>
      value instanceof Buffer ? { id: `${buffers.push(value.buffer) - 1}` } : value,
    );
    this.send({ kind: "events", view: this.id, json }, buffers);
  }

  /** BokehJS tells of a wheel zoom half a second after the last notch, of a pan when it ends: too late to add detail. */
  announce() {
    const plot = this.doc._interactive_plot;
    if (!plot) return;
    this.doc.interactive_stop();
    this.doc.views_manager.find_one(plot)?.trigger_ranges_update_event();
  }

  fail(error) {
    console.error(error);
    const text = document.createElement("pre");
    text.textContent = `The figure could not be drawn.\n${error.stack ?? error}`;
    this.el.replaceChildren(text);
  }

  retheme() {
    if (!this.doc || this.dark === is_dark(document.body)) return;
    this.recolor();
    for (const plot of this.doc.views_manager?.query((view) => view.canvas_view) ?? []) {
      plot.canvas_view.primary.canvas.width += 0; // empties it: the old paper would shine through along the edges
      plot.request_repaint();
    }
  }

  /** Follow the page's theme: greys, from paper to ink, are mirrored in the dark; hues, which carry data, stay. */
  recolor() {
    this.dark = is_dark(document.body);
    const { color2rgba } = this.bokeh.require("core/util/color");
    for (const model of this.doc.all_models) {
      for (const property of model) {
        if (!property.attr.endsWith("_color") || property.is_unset) continue;
        const shown = property.get_value();
        const memory = (this.colors ??= new WeakMap()).get(property);
        const light = memory && same(memory.shown, shown) ? memory.light : shown;
        const wanted = this.dark ? in_the_dark(light, color2rgba) : light;
        this.colors.set(property, { light, shown: wanted });
        // Not synced: the theme is this page's affair, not the figure's.
        if (!same(wanted, shown)) model.setv({ [property.attr]: wanted }, { sync: false });
      }
    }
  }
}

/** Copies, because several views read the same message and Bokeh patches columns in place. */
function columns(names, buffers) {
  return new Map(names.map((name, i) => {
    const { buffer, byteOffset, byteLength } = buffers[i];
    return [name, buffer.slice(byteOffset, byteOffset + byteLength)];
  }));
}

/** JupyterLab and Notebook set the attribute, Voila and VS Code a class. */
function is_dark({ dataset, className }) {
  return dataset.jpThemeLight === "false" || /\b(theme-dark|vscode-dark|vscode-high-contrast)\b/.test(className);
}

const same = (a, b) => a === b || (a?.value !== undefined && a.value === b?.value);

function in_the_dark(color, color2rgba) {
  if (typeof color?.value === "string") return { ...color, value: in_the_dark(color.value, color2rgba) };
  if (typeof color !== "string") return color;
  const [red, green, blue, alpha] = color2rgba(color);
  if (Math.max(red, green, blue) - Math.min(red, green, blue) > 24) return color;
  const grey = Math.round(0xee + ((0x11 - 0xee) * green) / 255);
  return `rgba(${grey}, ${grey}, ${grey}, ${alpha / 255})`;
}

/** The widget that carries the messages of a pane; see wire.py. */
const wire_of = (model) => model.widget_manager.get_model(model.get("_wire"));

/** BokehJS takes long to evaluate: it is begun early, and waited for by show(), which reports a failure. */
async function begin(model) {
  const wire = await wire_of(model);
  await bokehjs(model, wire.get("first")?.libraries ?? []);
}

export default {
  initialize({ model }) {
    begin(model).catch(() => {}); // nobody waits for it here
  },
  async render({ model, el }) {
    el.textContent = "waiting for the kernel …";
    const view = new View(model, await wire_of(model), el);
    return () => view.close();
  },
};
