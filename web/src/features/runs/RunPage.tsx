import { useEffect, useState } from "preact/hooks";
import { api, asFailure, unwrap, type Failure, type Schemas } from "../../api/client";
import { isFinalStatus, watchRun, type RunEvent } from "../../api/events";
import { useResource } from "../../api/resource";
import { parseDecimal } from "../../amounts/decimal";
import { formatAmount, formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { formatDuration } from "../../time/dates";
import { Link } from "../../ui/Link";
import { Moment } from "../../ui/Moment";
import { Page, Section } from "../../ui/Page";
import { FailureBox, Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { pageAddress, useView } from "../../view/view";
import { RunStatus, runTime } from "./RunsPage";

type RunReport = Schemas["RunReport"];

export function RunPage({ id }: { id: string }) {
  const [watched, setWatched] = useState(0);
  const report = useResource(`run:${id}:${watched}`, (signal) => unwrap(api.GET("/runs/{id}", { params: { path: { id } }, signal })));
  return (
    <Page title={`${text.runs.title} · ${id}`}>
      <Loaded of={report} height={400}>{(answer) => <Report report={answer} onEnd={() => setWatched((count) => count + 1)} />}</Loaded>
    </Page>
  );
}

function Report({ report, onEnd }: { report: RunReport; onEnd: () => void }) {
  const view = useView();
  const { run, steps } = report;
  const running = !isFinalStatus(run.status);
  return (
    <>
      <dl class="facts spaced-after">
        <dt>{text.runs.status}</dt><dd><RunStatus run={run} /></dd>
        <dt>{text.runs.command}</dt><dd>{run.command}</dd>
        <dt>{text.runs.user}</dt><dd>{run.user}</dd>
        <dt>{text.runs.started}</dt><dd>{run.started_at === null ? "" : <Moment at={run.started_at} />}</dd>
        <dt>{text.runs.took}</dt><dd>{runTime(run)}</dd>
        {run.release === null ? null : (
          <><dt>{text.runs.release}</dt><dd><Link to={pageAddress(view, `/releases/${run.release}`)}>{text.releaseNumber(run.release)}</Link></dd></>
        )}
        {run.detail === "" ? null : <><dt>{text.runs.detail}</dt><dd>{run.detail}</dd></>}
      </dl>
      {running ? <Progress id={run.id} onEnd={onEnd} /> : null}
      <Section title={text.runs.steps}>
        <Table
          caption={text.runs.steps} rows={steps}
          columns={[
            { name: "step", title: text.runs.step, cell: (step) => step.step },
            { name: "table", title: text.runs.table, cell: (step) => step.table },
            { name: "rows", title: text.runs.rows, numeric: true, cell: (step) => formatCount(step.rows) },
            { name: "amount", title: text.drill.amount, numeric: true, cell: (step) => amountText(step.amount) },
            { name: "duration", title: text.runs.duration, numeric: true, cell: (step) => formatDuration(step.duration_us / 1000) },
            { name: "peak", title: text.runs.peak, numeric: true, cell: (step) => `${formatCount(step.peak_bytes / 1048576)} MiB` },
          ]}
        />
      </Section>
      {report.log.length === 0 ? null : <Section title={text.runs.log}><pre class="log" tabIndex={0}>{report.log.join("\n")}</pre></Section>}
    </>
  );
}

function amountText(amount: string | null): string {
  const value = amount === null ? null : parseDecimal(amount);
  return value === null ? "" : formatAmount(value);
}

const kLinesMax = 500;

function Progress({ id, onEnd }: { id: string; onEnd: () => void }) {
  const [last, setLast] = useState<RunEvent | null>(null);
  const [lines, setLines] = useState<readonly string[]>([]);
  const [cancelling, setCancelling] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => watchRun(id, (event) => {
    setLast(event);
    const line = event.line;
    if (line !== undefined && line !== "") setLines((before) => [...before, line].slice(-kLinesMax));
  }, onEnd), [id]);
  const cancel = (): void => {
    setCancelling(true);
    unwrap(api.POST("/runs/{id}/cancel", { params: { path: { id } } })).catch((cause: unknown) => {
      setCancelling(false);
      setFailure(asFailure(cause));
    });
  };
  return (
    <Section title={text.runs.statuses["running"] ?? ""}>
      <div class="pager">
        {last?.total === undefined || last.done === undefined ? null : (
          <>
            <progress max={last.total} value={last.done} aria-label={text.runs.title} />
            <span role="status">{text.runs.progress(last.done, last.total)}</span>
          </>
        )}
        <button type="button" disabled={cancelling} onClick={cancel}>{cancelling ? text.runs.cancelling : text.runs.cancel}</button>
      </div>
      {failure === null ? null : <FailureBox failure={failure} />}
      <pre class="log" tabIndex={0} aria-label={text.runs.log}>{lines.join("\n")}</pre>
    </Section>
  );
}
