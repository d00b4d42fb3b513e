import { Change, Judged } from "../charts/Change";
import { Figure } from "../charts/ValuesTable";
import { comparedName, currencyOf, decimalOf, formatNumber, judgeRow, unitOf, type Metric, type MetricRow, type MetricValues } from "../charts/metricText";
import { comparedTarget, targetOf, type DrillTarget } from "../charts/target";
import { text } from "../text/catalogue";

const kLong = 18;

/** One figure per metric and currency, with what it compares with beneath. */
export function NumberPanel({ all, onDrill }: { all: readonly MetricValues[]; onDrill: (target: DrillTarget) => void }) {
  return (
    <div class="figures">
      {all.filter((values) => isCountOfNothing(values)).map((values) => <NoRows key={values.metric.name} metric={values.metric} named={all.length > 1} />)}
      {all.flatMap((values) => (values.totals.length > 0 ? values.totals : values.rows).map((row) => (
        <OneFigure key={`${values.metric.name}/${currencyOf(row)}`} values={values} row={row} named={all.length > 1} onDrill={onDrill} />
      )))}
    </div>
  );
}

/** Nothing to count is a number, too: zero days, zero cases. */
export function isCountOfNothing(values: MetricValues): boolean {
  return values.metric.unit === "count" && values.rows.length === 0 && values.totals.length === 0;
}

function NoRows({ metric, named }: { metric: Metric; named: boolean }) {
  return (
    <div>
      {named ? <div class="muted small">{metric.title}</div> : null}
      <div class="figure-main" data-metric={metric.name}>
        0
        {metric.unit_name === "" ? null : <span class="currency"> {metric.unit_name}</span>}
      </div>
    </div>
  );
}

interface OneFigureProps {
  readonly values: MetricValues;
  readonly row: MetricRow;
  readonly named: boolean;
  readonly onDrill: (target: DrillTarget) => void;
}

function OneFigure({ values, row, named, onDrill }: OneFigureProps) {
  const { metric } = values;
  const unit = unitOf(metric, currencyOf(row));
  const value = decimalOf(row.value);
  const judged = metric.scenario === "variance";
  const shown = value === null ? text.panel.noValue : formatNumber(metric, value, { signed: judged });
  const compared = decimalOf(row.compared);
  const before = comparedTarget(values, row, `${metric.title} · ${comparedName(values.compare)}`);
  return (
    <div>
      {named ? <div class="muted small">{metric.title}</div> : null}
      <div class={shown.length > kLong ? "figure-main figure-long" : "figure-main"} data-metric={metric.name}>
        <Figure shown={judged ? <Judged judgement={judgeRow(metric, row)}>{shown}</Judged> : shown} target={value === null ? null : targetOf(values, row, metric.title)} onDrill={onDrill} />
        {unit === "" ? null : <span class="currency"> {unit}</span>}
      </div>
      {values.compare === null ? null : (
        <div class="figure-note">
          {comparedName(values.compare)}{" "}
          <Figure
            shown={compared === null ? text.panel.noValue : formatNumber(metric, compared)}
            target={before} onDrill={onDrill}
          />
          {row.change === undefined || row.change === null ? null : (
            <> · Δ <Change values={values} row={row} part="change" /> <Change values={values} row={row} part="growth" /></>
          )}
        </div>
      )}
    </div>
  );
}
