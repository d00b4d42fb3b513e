import { RuleTester } from "eslint";
import tseslint from "typescript-eslint";
import { afterAll, describe, it } from "vitest";
import { bullion } from "./rules.mjs";

RuleTester.afterAll = afterAll;
RuleTester.describe = describe;
RuleTester.it = it;

const tester = new RuleTester({
  languageOptions: { parser: tseslint.parser, parserOptions: { ecmaFeatures: { jsx: true } } },
});
const at = (filename, code, messageId) => ({ filename: `/repo/web/src/${filename}`, code, ...(messageId === undefined ? {} : { errors: [{ messageId }] }) });

tester.run("layers", bullion.rules.layers, {
  valid: [
    at("features/runs/RunPage.tsx", 'import { Page } from "../../ui/Page";'),
    at("features/runs/RunPage.tsx", 'import { x } from "./RunsPage";'),
    at("panels/PanelBox.tsx", 'const png = import("../charts/png");'),
    at("amounts/format.ts", 'import { text } from "../text/catalogue";'),
  ],
  invalid: [
    at("ui/Page.tsx", 'import { x } from "../features/runs/RunPage";', "upward"),
    at("charts/Chart.tsx", 'import { x } from "../drill/Drill";', "upward"),
    at("amounts/format.ts", 'import { api } from "../api/client";', "upward"),
    at("features/runs/RunPage.tsx", 'import { x } from "../tables/TablePage";', "sibling"),
    at("view/view.ts", 'export * from "../app/App";', "upward"),
  ],
});

tester.run("no-default-export", bullion.rules["no-default-export"], {
  valid: [at("ui/a.ts", "export const a = 1;")],
  invalid: [at("ui/a.ts", "export default 1;", "found")],
});

tester.run("text-nodes-only", bullion.rules["text-nodes-only"], {
  valid: [at("ui/a.tsx", "const a = <p>{vendor}</p>;")],
  invalid: [
    at("ui/a.ts", "element.innerHTML = vendor;", "found"),
    at("ui/a.tsx", "const a = <p dangerouslySetInnerHTML={{ __html: vendor }} />;", "found"),
    at("ui/a.ts", 'element["outerHTML"] = vendor;', "found"),
  ],
});

tester.run("catalogue-texts", bullion.rules["catalogue-texts"], {
  valid: [
    at("ui/a.tsx", "const a = <p>{text.close} · </p>;"),
    at("ui/a.tsx", 'const a = <p class="muted" aria-label={text.close} />;'),
  ],
  invalid: [
    at("ui/a.tsx", "const a = <p>Close</p>;", "found"),
    at("ui/a.tsx", 'const a = <button aria-label="Close" />;', "found"),
  ],
});

tester.run("exact-amounts", bullion.rules["exact-amounts"], {
  valid: [at("charts/option.ts", "const x = Number(amount);"), at("app/Pages.tsx", "const n = Number(name);")],
  invalid: [
    at("ui/a.ts", "const x = parseFloat(text);", "found"),
    at("ui/a.ts", "const x = Number(money.amount);", "found"),
    at("ui/a.ts", "const x = price.toFixed(2);", "fixed"),
  ],
});

tester.run("server-through-api", bullion.rules["server-through-api"], {
  valid: [at("api/events.ts", "const s = new EventSource(address);")],
  invalid: [at("ui/a.ts", 'fetch("/api/v1/tables");', "found"), at("ui/a.ts", "new EventSource(address);", "found")],
});
