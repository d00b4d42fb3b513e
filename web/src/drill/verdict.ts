// What a trace came to: whether the sums of its levels agree, differ, or could not all be compared.
import type { Schemas } from "../api/client";

type Answer = Pick<Schemas["Trace"], "sums_agree"> & { readonly levels: readonly Level[] };
type Level = Pick<Schemas["Trace"]["levels"][number], "agrees" | "amount">;

export type TraceVerdict = "agrees" | "differs" | "uncompared" | "no_amount";

export function verdictOf(answer: Answer): TraceVerdict {
  if (answer.sums_agree) return "agrees";
  if (answer.levels.some((level) => level.agrees === false)) return "differs";
  return (answer.levels[0]?.amount ?? null) === null ? "no_amount" : "uncompared";
}
