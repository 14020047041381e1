// A button that asks Python for code, shows it and copies it. Where the browser forbids copying, it is selected instead.
export default {
  async render({ model, el }) {
    const wire = await model.widget_manager.get_model(model.get("_wire"));
    const button = document.createElement("button");
    button.className = "jupyter-button widget-button";
    button.style.width = "auto";
    const code = document.createElement("pre");
    code.hidden = true;
    code.style.cssText = "user-select:all; white-space:pre-wrap; margin:4px 2px; color:var(--jp-ui-font-color1,#222)";
    el.append(button, code);

    const label = (text) => (button.textContent = text);
    label("copy as code");
    button.onclick = () => {
      if (code.hidden) return wire.send({ kind: "code" });
      code.hidden = true;
      label("copy as code");
    };
    const show = async (message) => {
      code.textContent = message.code;
      code.hidden = false;
      try {
        await navigator.clipboard.writeText(message.code);
        label("copied; hide");
      } catch {
        getSelection().selectAllChildren(code);
        label("hide");
      }
    };
    wire.on("msg:custom", show);
    return () => wire.off("msg:custom", show);
  },
};
