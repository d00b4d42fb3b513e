// The house rules of web/ that the compiler does not know. Each names what to do instead.

const kLayers = ["text", "amounts", "time", "api", "view", "ui", "charts", "drill", "panels", "features", "app"];
const kFree = new Set(["text", "amounts", "time"]); // at the bottom: they know only each other

/** "src/features/runs/RunPage.tsx" -> { layer: "features", part: "runs" }; null outside of src. */
function placeOf(filename) {
  const match = /(?:^|\/)src\/([^/]+)\/(?:([^/]+)\/)?/.exec(filename.replaceAll("\\", "/"));
  return match === null ? null : { layer: match[1], part: match[1] === "features" ? match[2] : undefined };
}

function resolved(filename, target) {
  const parts = filename.replaceAll("\\", "/").split("/").slice(0, -1);
  for (const step of target.split("/")) {
    if (step === "..") parts.pop();
    else if (step !== ".") parts.push(step);
  }
  return parts.join("/");
}

const layers = {
  meta: { type: "problem", schema: [], messages: {
    upward: "{{from}} may not import from {{to}}; the order is " + kLayers.join(", ") + ".",
    sibling: "The screen {{from}} may not import from the screen {{to}}; put what both need into src/ui, src/charts or src/panels.",
  } },
  create(context) {
    const own = placeOf(context.filename);
    if (own === null || !kLayers.includes(own.layer)) return {};
    const check = (node) => {
      const target = node.source?.value;
      if (typeof target !== "string" || !target.startsWith(".")) return;
      const other = placeOf(resolved(context.filename, target) + (target.endsWith("/") ? "" : "/"));
      if (other === null || !kLayers.includes(other.layer)) return;
      const [from, to] = [kLayers.indexOf(own.layer), kLayers.indexOf(other.layer)];
      if (to > from && !(kFree.has(own.layer) && kFree.has(other.layer))) {
        context.report({ node, messageId: "upward", data: { from: own.layer, to: other.layer } });
      } else if (own.layer === "features" && other.layer === "features" && own.part !== other.part) {
        context.report({ node, messageId: "sibling", data: { from: own.part, to: other.part } });
      }
    };
    return { ImportDeclaration: check, ImportExpression: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};

const noDefaultExport = {
  meta: { type: "problem", schema: [], messages: { found: "Export by name: a name that is searched is found." } },
  create(context) {
    return { ExportDefaultDeclaration: (node) => context.report({ node, messageId: "found" }) };
  },
};

const kHtml = new Set(["innerHTML", "outerHTML", "insertAdjacentHTML", "dangerouslySetInnerHTML", "srcdoc", "document.write"]);

const textNodesOnly = {
  meta: { type: "problem", schema: [], messages: { found: "{{name}} would run what a vendor wrote; make elements and text nodes." } },
  create(context) {
    const report = (node, name) => { if (kHtml.has(name)) context.report({ node, messageId: "found", data: { name } }); };
    return {
      MemberExpression: (node) => { if (!node.computed) report(node, node.property.name); },
      JSXAttribute: (node) => report(node, node.name.name),
      Literal: (node) => { if (typeof node.value === "string") report(node, node.value); },
    };
  },
};

const catalogueTexts = {
  meta: { type: "problem", schema: [], messages: { found: "Put the words \"{{words}}\" into src/text/catalogue.ts." } },
  create(context) {
    if (placeOf(context.filename) === null) return {};
    const report = (node, words) => {
      if (/\p{L}{2}/u.test(words)) context.report({ node, messageId: "found", data: { words: words.trim() } });
    };
    const kSpoken = new Set(["aria-label", "title", "placeholder", "alt", "aria-description"]);
    return {
      JSXText: (node) => report(node, node.value),
      JSXAttribute: (node) => {
        if (kSpoken.has(node.name.name) && node.value?.type === "Literal" && typeof node.value.value === "string") report(node, node.value.value);
      },
    };
  },
};

// Where a Number may be made of text: positions on charts, days, and addresses, never amounts.
const kNumbersAllowed = [/src\/amounts\/decimal\.ts$/, /src\/time\//, /src\/charts\/option\.ts$/];
const kParsers = new Set(["parseFloat", "parseInt"]);

const exactAmounts = {
  meta: { type: "problem", schema: [], messages: {
    found: "{{name}} rounds amounts; use src/amounts/decimal.ts.",
    fixed: "toFixed rounds binary fractions; use formatDecimal of src/amounts/format.ts.",
  } },
  create(context) {
    const place = placeOf(context.filename);
    if (place === null || kNumbersAllowed.some((allowed) => allowed.test(context.filename))) return {};
    return {
      CallExpression: (node) => {
        const { callee } = node;
        if (callee.type === "Identifier" && kParsers.has(callee.name)) {
          context.report({ node, messageId: "found", data: { name: callee.name } });
        }
        if (callee.type === "MemberExpression" && !callee.computed && callee.property.name === "toFixed") {
          context.report({ node, messageId: "fixed" });
        }
        if (callee.type === "Identifier" && callee.name === "Number" && /amount|(?<!currentTarget\.)value|sum|total|money/i.test(context.sourceCode.getText(node.arguments[0] ?? node))) {
          context.report({ node, messageId: "found", data: { name: "Number()" } });
        }
      },
    };
  },
};

const kServer = new Set(["fetch", "EventSource", "XMLHttpRequest", "WebSocket"]);

const serverThroughApi = {
  meta: { type: "problem", schema: [], messages: { found: "Only src/api speaks to the server; {{name}} belongs there." } },
  create(context) {
    const place = placeOf(context.filename);
    if (place === null || place.layer === "api") return {};
    const check = (node) => {
      if (node.callee.type === "Identifier" && kServer.has(node.callee.name)) {
        context.report({ node, messageId: "found", data: { name: node.callee.name } });
      }
    };
    return { CallExpression: check, NewExpression: check };
  },
};

export const bullion = {
  rules: {
    layers,
    "no-default-export": noDefaultExport,
    "text-nodes-only": textNodesOnly,
    "catalogue-texts": catalogueTexts,
    "exact-amounts": exactAmounts,
    "server-through-api": serverThroughApi,
  },
};
