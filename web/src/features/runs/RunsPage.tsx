import { useState } from "preact/hooks";
import { api, asFailure, unwrap, type Failure, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { formatDuration } from "../../time/dates";
import { Link } from "../../ui/Link";
import { Moment } from "../../ui/Moment";
import { Page, Status } from "../../ui/Page";
import { FailureBox, Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { navigate } from "../../view/location";
import { pageAddress, useView } from "../../view/view";

type Run = Schemas["Run"];

export function runTime(run: Run): string {
  if (run.started_at === null || run.finished_at === null) return "";
  return formatDuration(Date.parse(run.finished_at) - Date.parse(run.started_at));
}

export function RunStatus({ run }: { run: Pick<Run, "status"> }) {
  return <Status of={run.status} label={text.runs.statuses[run.status]} />;
}

const kShownMax = 100;

export function RunsPage() {
  const view = useView();
  const runs = useResource(`runs:${view.latest}`, (signal) =>
    unwrap(api.GET("/runs", { params: { query: { limit: kShownMax } }, signal })));
  const count = (value: number | null): string => (value === null ? "" : formatCount(value));
  return (
    <Page title={text.runs.title} actions={view.project.can_run ? <StartRun /> : <span class="muted">{text.runs.notAllowed}</span>}>
      <Loaded of={runs} height={400}>
        {(answer) => (
          <Table
            caption={text.runs.title} rows={answer.runs}
            columns={[
              {
                name: "started", title: text.runs.started, cell: (run) => (
                  <Link to={pageAddress(view, `/runs/${encodeURIComponent(run.id)}`)}>
                    {run.started_at === null ? run.id : <Moment at={run.started_at} />}
                  </Link>
                ),
              },
              { name: "status", title: text.runs.status, cell: (run) => <RunStatus run={run} /> },
              { name: "command", title: text.runs.command, cell: (run) => run.command },
              { name: "user", title: text.runs.user, cell: (run) => run.user },
              { name: "took", title: text.runs.took, numeric: true, cell: runTime },
              { name: "release", title: text.runs.release, numeric: true, cell: (run) => run.release ?? "" },
              { name: "files", title: text.runs.files, numeric: true, cell: (run) => count(run.files_loaded) },
              { name: "rows", title: text.runs.rowsLoaded, numeric: true, cell: (run) => count(run.rows_loaded) },
              { name: "quarantined", title: text.runs.quarantined, numeric: true, cell: (run) => count(run.rows_quarantined) },
              { name: "detail", title: text.runs.detail, wide: true, cell: (run) => run.detail },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}

/** The same key is sent again when the button is pressed again after a failure, so that one run starts. */
function StartRun() {
  const view = useView();
  const [key, setKey] = useState(newKey);
  const [full, setFull] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const start = (): void => {
    setBusy(true);
    setFailure(null);
    unwrap(api.POST("/runs", { params: { header: { "Idempotency-Key": key } }, body: { full_refresh: full } })).then(
      (run) => {
        setKey(newKey());
        navigate(pageAddress(view, `/runs/${encodeURIComponent(run.id)}`));
      },
      (cause: unknown) => {
        setBusy(false);
        setFailure(asFailure(cause));
      },
    );
  };
  return (
    <>
      <label class="check"><input type="checkbox" checked={full} onChange={(event) => setFull(event.currentTarget.checked)} />{text.runs.fullRefresh}</label>
      <button type="button" class="primary" disabled={busy} onClick={start}>{busy ? text.runs.starting : text.runs.start}</button>
      {failure === null ? null : <FailureBox failure={failure} />}
    </>
  );
}

function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
