import type { ComponentChildren } from "preact";
import { text } from "../text/catalogue";
import { kNotMeaningful } from "../amounts/format";
import { decimalOf, formatGrowth, formatNumber, judge, letterOf, type Judgement, type MetricRow, type MetricValues } from "./metricText";

interface ChangeProps {
  readonly values: MetricValues;
  readonly row: MetricRow;
  readonly part: "change" | "growth";
  readonly digits?: number; // of the column it stands in
}

/** A change with its judgement in letters: F and U, never colour alone. */
export function Change({ values, row, part, digits }: ChangeProps) {
  const change = decimalOf(row.change);
  const verdict = judge(values.metric, change);
  if (part === "growth") {
    const growth = row.growth ?? null;
    if (growth === null) return null;
    const title = growth === kNotMeaningful ? text.panel.notMeaningful : undefined;
    return <span class={`change ${verdict}`} title={title}>{formatGrowth(growth)}</span>;
  }
  if (change === null) return null;
  return <Judged judgement={verdict}>{formatNumber(values.metric, change, { signed: true, ...(digits === undefined ? {} : { digits }) })}</Judged>;
}

/** A number with its judgement in a colour and a letter. */
export function Judged({ judgement, children }: { judgement: Judgement; children: ComponentChildren }) {
  const letter = letterOf(judgement);
  const long = judgement === "good" ? text.panel.favourableLong : text.panel.unfavourableLong;
  return (
    <span class={`change ${judgement}`}>
      {children}
      <abbr class="verdict" title={letter === "" ? undefined : long}>{letter}</abbr>
    </span>
  );
}
