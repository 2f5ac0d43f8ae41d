extension DocumentationPage {
  /// Shows the document; what the server says is only ever shown as text.
  static let script = """
    "use strict";
    let names = {};

    function make(tag, text, attributes, ...children) {
      const element = document.createElement(tag);
      if (text !== null) element.textContent = text;
      for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
      element.append(...children);
      return element;
    }

    const inner = (schema) => schema.$ref ? names[schema.$ref.split("/").pop()] : schema;

    function kind(schema) {
      if (schema.$ref) return schema.$ref.split("/").pop();
      if (schema.anyOf) return schema.anyOf.map(kind).join(" or ");
      if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(", ");
      if (schema.type === "array") return "array of " + kind(schema.items);
      if (!schema.type) return "anything";
      const type = [].concat(schema.type).join(" or ");
      const range = schema.minimum === undefined ? ""
        : schema.maximum === undefined ? " from " + schema.minimum : " " + schema.minimum + " to " + schema.maximum;
      return type + (schema.format ? " (" + schema.format + ")" : "") + range;
    }

    /// The members of a schema, of those it is made of, and so on, each named schema once.
    function members(schema, seen) {
      if (schema.$ref) {
        if (seen.has(schema.$ref)) return [];
        seen = new Set([...seen, schema.$ref]);
      }
      const known = inner(schema);
      if (known.anyOf) {
        const choices = known.anyOf.map((one) => members(one, seen)).filter((list) => list.length);
        return choices.flatMap((list, index) => index ? [make("p", "or", { class: "quiet" }), ...list] : list);
      }
      if (known.type === "array") return members(known.items, seen);
      if (!known.properties) return [];
      const list = make("ul", null);
      for (const [name, member] of Object.entries(known.properties)) {
        const isOptional = !(known.required || []).includes(name);
        const about = member.description || inner(member).description;
        list.append(make("li", null, null, make("code", name),
          ": " + kind(member) + (isOptional ? ", optional" : "") + (about ? ". " + about : ""),
          ...members(member, seen)));
      }
      return list.children.length ? [list] : [];
    }

    /// Long lists, opened by who wants them.
    function folded(list) {
      return list.length ? [make("details", null, null, make("summary", "Members"), ...list)] : [];
    }

    const pretty = (value) => make("pre", JSON.stringify(value, null, 2), { tabindex: 0 });

    function parameters(list) {
      const rows = list.map((one) => make("tr", null, null,
        make("th", one.name, { scope: "row" }), make("td", one.in), make("td", kind(one.schema), { class: "text" }),
        make("td", one.description, { class: "text" })));
      const head = make("tr", null, null,
        ...["Name", "In", "Value", "Meaning"].map((text) => make("th", text, { scope: "col" })));
      return make("div", null, { class: "scroll", role: "region", tabindex: 0, "aria-label": "Parameters" },
        make("table", null, null, make("thead", null, null, head), make("tbody", null, null, ...rows)));
    }

    function body(title, content) {
      return Object.entries(content || {}).flatMap(([type, { schema, example }]) => [
        make("h3", title + ", " + type), ...folded(members(schema, new Set())),
        ...(example === undefined ? [] : [make("p", "Example", { class: "quiet" }), pretty(example)]),
      ]);
    }

    function target(path, form) {
      const values = new FormData(form);
      const query = new URLSearchParams();
      for (const [key, value] of values) {
        const [place, name] = key.split(":");
        if (place === "path") path = path.replace("{" + name + "}", encodeURIComponent(value));
        else if (place === "query" && value !== "") query.append(name, value);
      }
      return path + (query.size ? "?" + query : "");
    }

    function trial(path, method, route) {
      const form = make("form", null);
      for (const one of route.parameters.filter((one) => one.in !== "header")) {
        const field = one.schema.enum
          ? make("select", null, null, ...["", ...one.schema.enum].map((word) => make("option", word)))
          : make("input", null, { placeholder: one.example ?? "" });
        field.name = one.in + ":" + one.name;
        if (one.in === "path") field.required = true;
        form.append(make("label", one.name, null, field));
      }
      const example = Object.values(route.requestBody?.content || {})[0]?.example;
      const text = make("textarea", JSON.stringify(example, null, 2) ?? "", { "aria-label": "Body" });
      if (route.requestBody) form.append(text);
      const result = make("div", null, { "aria-live": "polite" });
      form.append(make("button", "Send", { type: "submit" }));
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const place = target(path, form);
        const options = { method: method.toUpperCase(), headers: keyHeaders() };
        if (route.requestBody) {
          options.body = text.value;
          options.headers["Content-Type"] = Object.keys(route.requestBody.content)[0];
        }
        try {
          const answer = await fetch(place, options);
          askForKey(answer.status);
          const said = await answer.text();
          const isJSON = (answer.headers.get("Content-Type") || "").includes("json");
          let shown = said;
          if (isJSON) try { shown = JSON.stringify(JSON.parse(said), null, 2); } catch { shown = said; }
          result.replaceChildren(make("p", answer.status + " " + place, { class: "quiet" }),
            make("pre", shown.slice(0, 100000), { tabindex: 0 }));
        } catch (error) {
          result.replaceChildren(make("p", "No answer: " + error.message, { class: "notice" }));
        }
      });
      return [make("h3", "Try it"), form, result];
    }

    function section(path, method, route) {
      const isEndless = "text/event-stream" in (route.responses["200"]?.content || {});
      const content = make("div", null);
      if (route.parameters.length) content.append(make("h3", "Parameters"), parameters(route.parameters));
      content.append(...body("Body", route.requestBody?.content));
      if (!isEndless) content.append(...trial(path, method, route));
      for (const [status, answer] of Object.entries(route.responses)) {
        if (answer.$ref) continue;
        content.append(make("h3", "Answer " + status), make("p", answer.description, { class: "quiet" }),
          ...body("Body", answer.content));
      }
      const verb = method.toUpperCase();
      return make("details", null, { class: "route", id: route.operationId },
        make("summary", null, null, make("span", verb, { class: "method " + verb }), " ",
          make("span", path, { class: "path" }), " ", make("span", route.summary, { class: "quiet" })),
        content);
    }

    async function show() {
      const main = document.getElementById("routes");
      try {
        const openAPI = await (await fetch("/openapi.json")).json();
        names = openAPI.components.schemas;
        document.getElementById("about").textContent = openAPI.info.description;
        for (const [path, methods] of Object.entries(openAPI.paths))
          for (const [method, route] of Object.entries(methods)) main.append(section(path, method, route));
        document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
      } catch (error) {
        main.append(make("p", "The documentation did not arrive: " + error.message, { class: "notice" }));
      }
    }

    show();
    """
}
