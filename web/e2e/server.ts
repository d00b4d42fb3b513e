// What the server says to programs, beside the browser.
import { inject } from "vitest";
import type { components } from "../src/api/generated/schema";
import type { Site } from "./site";

export type Schemas = components["schemas"];

async function answer(path: string, site: Site): Promise<Response> {
  const { base, bearer } = site;
  const response = await fetch(`${base}/api/v1${path}`, { headers: { authorization: `Bearer ${bearer}` } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}

export async function json<Name extends keyof Schemas>(path: string, site: Site = inject("site")): Promise<Schemas[Name]> {
  return (await (await answer(path, site)).json()) as Schemas[Name];
}

export async function bytes(path: string, site: Site = inject("site")): Promise<Buffer> {
  return Buffer.from(await (await answer(path, site)).arrayBuffer());
}
