// Which inputs a trace follows.
import type { Schemas } from "../api/client";

type Step = Pick<Schemas["Trace"]["levels"][number], "inputs">;

/**
 * What `through` becomes when `level` is to be followed into `input`, or into what the trace takes by itself
 * (null). What was chosen further down may not be on the new way, so it is given up.
 */
export function chosenInputs(levels: readonly Step[], level: Step, through: readonly string[], input: string | null): string[] {
  const above = new Set(levels.slice(0, levels.indexOf(level)).flatMap((each) => each.inputs));
  return [...through.filter((name) => above.has(name)), ...(input === null ? [] : [input])];
}
