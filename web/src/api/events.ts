import { kApiBase, type Schemas } from "./client";

export interface Changes {
  readonly onRelease: (number: number) => void;
  readonly onProject: () => void;
}

/** Follows new releases and edited files; the browser reconnects by itself. Returns how to stop. */
export function watchChanges(changes: Changes): () => void {
  const source = new EventSource(`${kApiBase}/changes`);
  source.addEventListener("release", (event) => {
    const number = releaseNumber(event.data);
    if (number !== null) changes.onRelease(number);
  });
  source.addEventListener("project", () => changes.onProject());
  return () => source.close();
}

function releaseNumber(data: unknown): number | null {
  if (typeof data !== "string") return null;
  const digits = /(\d+)/.exec(data);
  return digits === null ? null : Number(digits[1]);
}

export type RunEvent = Schemas["RunEvent"];

const kFinal = new Set(["published", "unchanged", "blocked", "failed", "cancelled"]);

export function isFinalStatus(status: string): boolean {
  return kFinal.has(status);
}

/** Follows one run until it ends. Returns how to stop. */
export function watchRun(id: string, onEvent: (event: RunEvent) => void, onEnd: () => void): () => void {
  const source = new EventSource(`${kApiBase}/runs/${encodeURIComponent(id)}/events`);
  const take = (message: MessageEvent): void => {
    const event = runEventOf(message.data);
    if (event === null) return;
    onEvent(event);
    if (isFinalStatus(event.status)) {
      source.close();
      onEnd();
    }
  };
  for (const name of ["message", "run", "progress", "status", "end"]) source.addEventListener(name, take);
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) onEnd();
  });
  return () => source.close();
}

function runEventOf(data: unknown): RunEvent | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== "object" || value === null || !("status" in value)) return null;
    return value as RunEvent;
  } catch {
    return null;
  }
}
