import { parseDecimal } from "../../amounts/decimal";
import { formatDecimal } from "../../amounts/format";
import { text } from "../../text/catalogue";

export function stateLabel(state: string): string {
  return text.cases.states[state] ?? state;
}

export function actionLabel(action: string): string {
  return text.cases.actions[action] ?? action;
}

/** "0.9025" as "90.25 %". */
export function formatScore(score: string): string {
  const decimal = parseDecimal(score);
  if (decimal === null) return score;
  return `${formatDecimal({ units: decimal.units * 100n, scale: decimal.scale })} %`;
}
