// One lake and one server for all tests: the sample bills in two batches, generated events, and a file
// with hostile names. BULLION names the program.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { programOf, runner, startSite, type Site } from "./site";

declare module "vitest" {
  interface ProvidedContext {
    site: Site;
  }
}

export const kHostileService = '<img src=x onerror="document.title=1">';
export const kFormulaAccount = '=HYPERLINK("http://x","y")';

function hostileFile(): string {
  const head = "event_id,event_version,tenant_id,account_id,service_name,region,pricing_model,charge_category,charge_class,usage_date,usage_quantity,usage_unit,cost,currency,ingestion_date,is_withdrawn";
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  const rows = ["12.340001", "0.000001", "7.50"].map((cost, index) =>
    [`H${index}`, 1, "T1", quoted(kFormulaAccount), quoted(kHostileService), "us-east-1", "on_demand", "Usage", "", `2025-01-0${index + 2}`, 1, "Hours", cost, "USD", "2025-01-09", "false"].join(","));
  const bad = ['H9,1,T1,A1,"<script>alert(1)</script>",us-east-1,on_demand,Usage,,2025-02-30,8,Hours,1.25,USD,2025-01-09,false'];
  return [head, ...rows, ...bad].join("\n") + "\n";
}

/** Under names of their own: generated files are called after the same days. */
function copyInto(from: string, to: string): void {
  for (const name of readdirSync(from)) cpSync(join(from, name), join(to, name.replace("billing-", "billing-sample-")));
}

function makeLake(program: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), "bullion-web-")), "lake");
  const run = runner(program);
  run(["init", "cloud_cost", folder]);
  const incoming = join(folder, "incoming");
  mkdirSync(incoming, { recursive: true });
  copyInto(join(folder, "samples/batch1"), incoming);
  run(["generate", "cloud_cost", "--events", "30000", "--days", "90", "--seed", "7", "--to", incoming, "--quiet"], folder);
  run(["run", "--quiet"], folder);
  copyInto(join(folder, "samples/batch2"), incoming);
  writeFileSync(join(incoming, "billing-hostile.csv"), hostileFile());
  run(["run", "--quiet"], folder);
  return folder;
}

export async function setup(project: TestProject): Promise<() => void> {
  const program = programOf();
  const folder = makeLake(program);
  const started = await startSite(program, folder);
  project.provide("site", started.site);
  return () => {
    started.stop();
    rmSync(join(folder, ".."), { recursive: true, force: true });
  };
}
