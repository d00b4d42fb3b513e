// What a trace came to: whether the sums of its levels agree, differ, or could not all be compared; and
// which inputs it follows.
import type { Schemas } from "../api/client";

type Answer = Pick<Schemas["Trace"], "sums_agree"> & { readonly levels: readonly Level[] };
type Level = Pick<Schemas["Trace"]["levels"][number], "agrees" | "amount">;

export type TraceVerdict = "agrees" | "differs" | "uncompared" | "no_amount";

export function verdictOf(answer: Answer): TraceVerdict {
  if (answer.sums_agree) return "agrees";
  if (answer.levels.some((level) => level.agrees === false)) return "differs";
  return (answer.levels[0]?.amount ?? null) === null ? "no_amount" : "uncompared";
}

type Step = Pick<Schemas["Trace"]["levels"][number], "inputs">;

/**
 * What `through` becomes when `level` is to be followed into `input`, or into what the trace takes by itself
 * (null). What was chosen further down may not be on the new way, so it is given up.
 */
export function chosenInputs(levels: readonly Step[], level: Step, through: readonly string[], input: string | null): string[] {
  const above = new Set(levels.slice(0, levels.indexOf(level)).flatMap((each) => each.inputs));
  return [...through.filter((name) => above.has(name)), ...(input === null ? [] : [input])];
}
