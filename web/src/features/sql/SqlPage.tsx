import { useState } from "preact/hooks";
import { api, asFailure, unwrap, type Failure, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { formatDuration } from "../../time/dates";
import { Cell, cellDigits, isNumeric } from "../../ui/Cell";
import { Page, Section } from "../../ui/Page";
import { Empty, FailureBox, Loaded, Skeleton } from "../../ui/States";
import { Table, type TableColumn } from "../../ui/Table";
import { useView } from "../../view/view";

type Query = Schemas["Query"];
type SqlResult = Schemas["SqlResult"];
type Ask = (run: () => Promise<SqlResult>) => void;

interface Answer {
  readonly result: SqlResult | null;
  readonly failure: Failure | null;
  readonly busy: boolean;
}

const kRowsMax = 1000;

export function SqlPage() {
  const view = useView();
  const [answer, setAnswer] = useState<Answer>({ result: null, failure: null, busy: false });
  const queries = useResource(`queries:${view.projectEdits}`, (signal) => unwrap(api.GET("/queries", { signal })));
  const ask: Ask = (run) => {
    setAnswer({ ...answer, failure: null, busy: true });
    run().then(
      (result) => setAnswer({ result, failure: null, busy: false }),
      (cause: unknown) => setAnswer({ result: null, failure: asFailure(cause), busy: false }),
    );
  };
  return (
    <Page title={text.sql.title} hint={text.releaseNumber(view.release)}>
      <div class="columns">
        <Console busy={answer.busy} onAsk={ask} />
        <Section title={text.sql.saved}>
          <Loaded of={queries} height={160}>
            {(saved) => saved.queries.length === 0 ? <p class="muted">{text.sql.noQueries}</p> : (
              <>{saved.queries.map((query) => <SavedQuery key={query.name} query={query} busy={answer.busy} onAsk={ask} />)}</>
            )}
          </Loaded>
        </Section>
      </div>
      <Section title={text.sql.result}>
        {answer.failure !== null ? <FailureBox failure={answer.failure} /> : answer.busy && answer.result === null ? <Skeleton lines={6} />
          : answer.result === null ? <Empty title={text.states.emptyTable} /> : <Result result={answer.result} />}
      </Section>
    </Page>
  );
}

function Console({ busy, onAsk }: { busy: boolean; onAsk: Ask }) {
  const view = useView();
  const [sql, setSql] = useState("");
  const run = (): void => onAsk(() => unwrap(api.POST("/sql", { body: { sql, release: view.release, limit: kRowsMax } })));
  const press = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && sql.trim() !== "") run();
  };
  return (
    <Section title={text.sql.console}>
      <label class="block">
        {text.sql.statement}
        <textarea rows={8} spellcheck={false} value={sql} onInput={(event) => setSql(event.currentTarget.value)} onKeyDown={press} />
      </label>
      <div class="pager">
        <button type="button" class="primary" disabled={busy || sql.trim() === ""} onClick={run}>{busy ? text.sql.running : text.sql.run}</button>
        <span class="muted small">{text.sql.keys}</span>
      </div>
    </Section>
  );
}

function SavedQuery({ query, busy, onAsk }: { query: Query; busy: boolean; onAsk: Ask }) {
  const view = useView();
  const [values, setValues] = useState<Record<string, string | null>>(Object.fromEntries(query.parameters.map((each) => [each.name, each.default])));
  const run = (event: Event): void => {
    event.preventDefault();
    onAsk(() => unwrap(api.POST("/queries/{query}/run", {
      params: { path: { query: query.name } }, body: { release: view.release, limit: kRowsMax, parameters: values },
    })));
  };
  return (
    <form class="saved" onSubmit={run}>
      <h3>{query.title}</h3>
      <p class="muted">{query.description}</p>
      <div class="toolbar-form">
        {query.parameters.map((parameter) => (
          <label key={parameter.name} title={parameter.description}>
            {parameter.name}
            <input
              value={values[parameter.name] ?? ""} placeholder={parameter.type}
              onInput={(event) => setValues({ ...values, [parameter.name]: event.currentTarget.value === "" ? null : event.currentTarget.value })}
            />
          </label>
        ))}
        <button type="submit" disabled={busy}>{text.sql.run}</button>
      </div>
      <details><summary class="muted small">{text.tables.sql}</summary><pre tabIndex={0}>{query.sql}</pre></details>
    </form>
  );
}

function Result({ result }: { result: SqlResult }) {
  return (
    <>
      <p class="muted" role="status">
        {text.sql.elapsed(formatCount(result.rows.length), formatDuration(result.elapsed_ms))} · {text.releaseNumber(result.release)}
        {result.truncated ? ` · ${text.sql.truncated}` : ""}
      </p>
      <Table
        caption={text.sql.result} rows={result.rows}
        columns={result.columns.map((column, index): TableColumn<SqlResult["rows"][number]> => {
          const digits = cellDigits(column, result.rows.map((row) => row[index]));
          return {
            name: `${index}-${column.name}`, title: column.name, label: column.name, numeric: isNumeric(column),
            cell: (row) => <Cell value={row[index]} column={column} digits={digits} />,
          };
        })}
      />
    </>
  );
}
