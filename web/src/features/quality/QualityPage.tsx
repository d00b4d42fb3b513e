import { api, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { parseDecimal } from "../../amounts/decimal";
import { formatAmount, formatCount, formatPercent } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { Moment } from "../../ui/Moment";
import { Page, Section, Status } from "../../ui/Page";
import { Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { useView } from "../../view/view";

type Quality = Schemas["Quality"];

export function QualityPage() {
  const view = useView();
  const quality = useResource(`quality:${view.latest}`, (signal) => unwrap(api.GET("/quality", { signal })));
  return (
    <Page title={text.quality.title}>
      <Loaded of={quality} height={600}>{(answer) => <Scorecard quality={answer} />}</Loaded>
    </Page>
  );
}

function amountText(amount: string | null): string {
  const value = amount === null ? null : parseDecimal(amount);
  return value === null ? amount ?? "" : formatAmount(value);
}

const kOrder: Record<string, number> = { fail: 0, error: 0, warn: 1, pass: 3 };

function Scorecard({ quality }: { quality: Quality }) {
  const tests = [...quality.tests].sort((left, right) => (kOrder[left.status] ?? 2) - (kOrder[right.status] ?? 2));
  const count = (status: string): number => quality.tests.filter((test) => test.status === status).length;
  return (
    <>
      <div class="figures spaced-after">
        <div>
          <div class="muted small">{text.quality.score}</div>
          <div class="figure-main">{quality.score === null ? text.panel.noValue : formatPercent(quality.score)}</div>
          <div class="figure-note">
            {["pass", "warn", "fail"].map((status) => (
              <span key={status}><Status of={status} label={`${formatCount(count(status))} ${text.quality.status[status] ?? status}`} />{" "}</span>
            ))}
          </div>
        </div>
      </div>
      <Section title={text.quality.conservation}>
        <Table
          caption={text.quality.conservation} rows={quality.conservation}
          columns={[
            { name: "name", title: text.quality.name, cell: (each) => each.name },
            { name: "scope", title: text.quality.scope, cell: (each) => each.scope },
            { name: "in", title: text.quality.in, numeric: true, cell: (each) => formatCount(each.rows_in) },
            { name: "kept", title: text.quality.kept, numeric: true, cell: (each) => formatCount(each.rows_kept) },
            { name: "superseded", title: text.quality.superseded, numeric: true, cell: (each) => formatCount(each.rows_superseded) },
            { name: "quarantined", title: text.quality.quarantined, numeric: true, cell: (each) => formatCount(each.rows_quarantined) },
            { name: "excluded", title: text.quality.excluded, numeric: true, cell: (each) => formatCount(each.rows_excluded) },
            { name: "amount_in", title: text.quality.amountIn, numeric: true, cell: (each) => amountText(each.amount_in) },
            { name: "amount_kept", title: text.quality.amountKept, numeric: true, cell: (each) => amountText(each.amount_kept) },
            { name: "holds", title: text.quality.holds, cell: (each) => <Status of={each.holds ? "holds" : "fail"} label={each.holds ? text.quality.yes : text.quality.no} /> },
          ]}
        />
      </Section>
      <Section title={text.quality.tests}>
        <Table
          caption={text.quality.tests} rows={tests}
          columns={[
            { name: "status", title: text.releases.status, cell: (test) => <Status of={test.status} label={text.quality.status[test.status]} /> },
            { name: "test", title: text.quality.test, wide: true, cell: (test) => test.test },
            { name: "table", title: text.releases.table, cell: (test) => test.table },
            { name: "kind", title: text.quality.kind, cell: (test) => test.kind },
            { name: "failures", title: text.quality.failures, numeric: true, cell: (test) => formatCount(test.failures) },
            { name: "owner", title: text.tables.owner, cell: (test) => test.owner },
            { name: "finished", title: text.quality.finished, cell: (test) => <Moment at={test.finished_at} /> },
          ]}
        />
      </Section>
      <Section title={text.quality.controlTotals}>
        <Table
          caption={text.quality.controlTotals} rows={quality.control_totals}
          columns={[
            { name: "source", title: text.quality.source, cell: (each) => each.source },
            { name: "file", title: text.quality.file, wide: true, cell: (each) => each.line === null ? each.file : `${each.file}:${each.line}` },
            { name: "stated", title: text.quality.stated, numeric: true, cell: (each) => amountText(each.stated) },
            { name: "sum", title: text.quality.rowsTotal, numeric: true, cell: (each) => amountText(each.rows_total) },
            { name: "difference", title: text.quality.difference, numeric: true, cell: (each) => amountText(each.difference) },
            { name: "status", title: text.releases.status, cell: (each) => <Status of={each.status} /> },
          ]}
        />
      </Section>
      <Section title={text.quality.events}>
        <Table
          caption={text.quality.events} rows={quality.events}
          columns={[
            { name: "seen", title: text.quality.seen, cell: (event) => <Moment at={event.seen_at} /> },
            { name: "event", title: text.quality.event, cell: (event) => event.event },
            { name: "source", title: text.quality.source, cell: (event) => event.source },
            { name: "file", title: text.quality.file, cell: (event) => event.file ?? "" },
            { name: "subject", title: text.quality.subject, cell: (event) => event.subject },
            { name: "detail", title: text.quality.detail, wide: true, cell: (event) => event.detail },
          ]}
        />
      </Section>
    </>
  );
}
