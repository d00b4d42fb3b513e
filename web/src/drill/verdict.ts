// What a trace came to: whether the sums of its levels agree, differ, or could not all be compared.
import type { Schemas } from "../api/client";

type Answer = Pick<Schemas["Trace"], "sums_agree"> & { readonly levels: readonly Level[] };
type Level = Pick<Schemas["Trace"]["levels"][number], "agrees" | "amount" | "filter" | "conditions" | "by_key">;

export type TraceVerdict = "agrees" | "differs" | "uncompared" | "no_amount";

export function verdictOf(answer: Answer): TraceVerdict {
  if (answer.sums_agree) return "agrees";
  if (answer.levels.some((level) => level.agrees === false)) return "differs";
  return (answer.levels[0]?.amount ?? null) === null ? "no_amount" : "uncompared";
}

function chooses(level: Level): boolean {
  return level.by_key || level.conditions.length > 0 || Object.keys(level.filter).length > 0;
}

/** Below a level that nothing chooses the rows of, records are not those of the number. */
export function losesFilter(answer: Answer): boolean {
  const first = answer.levels[0];
  return first !== undefined && chooses(first) && !answer.levels.every(chooses);
}
