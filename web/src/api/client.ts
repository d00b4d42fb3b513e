// The only place that speaks to the server. Types come from api/openapi.json through the generated
// schema; nothing of them is written by hand.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/schema";

export type Schemas = components["schemas"];

export const kApiBase = "/api/v1";
export const api = createClient<paths>({ baseUrl: kApiBase, credentials: "same-origin" });

/** What went wrong, for the person who reads it. */
export class Failure extends Error {
  constructor(
    readonly status: number, // 0: the server did not answer
    readonly title: string,
    readonly detail: string,
    readonly requestId: string | null,
    readonly code = "", // for programs: "case-changed"
  ) {
    super(detail);
  }
}

/** Whatever was thrown, for the person who reads it. */
export function asFailure(cause: unknown): Failure {
  return cause instanceof Failure ? cause : new Failure(0, "", String(cause), null);
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function textOf(value: unknown, fallback: string): string {
  return typeof value === "string" && value !== "" ? value : fallback;
}

function failureOf(error: unknown, response: Response): Failure {
  const body = isRecord(error) ? error : {};
  const id = body["request_id"] ?? response.headers.get("x-request-id");
  return new Failure(
    response.status,
    textOf(body["title"], response.statusText),
    textOf(body["detail"], typeof error === "string" ? error.slice(0, 500) : ""),
    typeof id === "string" ? id : null,
    textOf(body["type"], "").replace(/^\/problems\//, ""),
  );
}

/** The body of an answer, or a Failure thrown. */
export async function unwrap<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Failure(0, "", cause instanceof Error ? cause.message : "", null);
  }
  if (answer.data === undefined && !answer.response.ok) throw failureOf(answer.error, answer.response);
  return answer.data as T;
}

/** The address of a file made by the server, for a link that downloads. */
export function exportAddress(
  path: string, query: Record<string, string | number | boolean | null | undefined>, filters: readonly string[],
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") parameters.append(name, String(value));
  }
  for (const filter of filters) parameters.append("filter", filter);
  return `${kApiBase}${path}?${parameters.toString()}`;
}
