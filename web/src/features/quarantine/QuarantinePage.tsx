import { useEffect, useState } from "preact/hooks";
import { api, unwrap, type Schemas } from "../../api/client";
import { useResource } from "../../api/resource";
import { parseDecimal } from "../../amounts/decimal";
import { formatAmount, formatCount } from "../../amounts/format";
import { text } from "../../text/catalogue";
import { Page, Section } from "../../ui/Page";
import { Empty, Loaded } from "../../ui/States";
import { Table } from "../../ui/Table";
import { useView } from "../../view/view";

type QuarantinePageAnswer = Schemas["QuarantinePage"];

interface Chosen {
  readonly source: string;
  readonly reason: string;
}

const kPage = 50;

export function QuarantinePage() {
  const view = useView();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [before, setBefore] = useState<QuarantinePageAnswer["rows"]>([]);
  const query = { limit: kPage, ...(chosen ?? {}), ...(cursor === null ? {} : { cursor }) };
  const page = useResource(`quarantine:${view.latest}:${JSON.stringify(query)}`, (signal) =>
    unwrap(api.GET("/quarantine", { params: { query }, signal })));
  const choose = (next: Chosen | null): void => {
    setChosen(next);
    setCursor(null);
    setBefore([]);
  };
  useEffect(() => choose(null), [view.latest]);
  return (
    <Page title={text.quarantine.title} hint={text.quarantine.hint}>
      <Loaded of={page} height={400}>
        {(answer) => answer.total === 0 && chosen === null ? <Empty title={text.quarantine.empty} hint={text.quarantine.emptyHint} /> : (
          <>
            <Reasons answer={answer} chosen={chosen} onChoose={choose} />
            <Section title={text.quarantine.rows} note={text.quarantine.total(formatCount(answer.total))}>
              <Rejected rows={[...before, ...answer.rows]} />
              {answer.next_cursor === null ? null : (
                <div class="pager">
                  <button type="button" onClick={() => { setBefore([...before, ...answer.rows]); setCursor(answer.next_cursor); }}>{text.more}</button>
                </div>
              )}
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Reasons({ answer, chosen, onChoose }: { answer: QuarantinePageAnswer; chosen: Chosen | null; onChoose: (next: Chosen | null) => void }) {
  return (
    <Section title={text.quarantine.byReason}>
      <Table
        caption={text.quarantine.byReason} rows={answer.by_reason}
        columns={[
          {
            name: "reason", title: text.quarantine.example, wide: true, cell: (each) => {
              const own = chosen?.reason === each.reason && chosen.source === each.source;
              return (
                <button type="button" class="plain" aria-pressed={own} onClick={() => onChoose(own ? null : { source: each.source, reason: each.reason })}>
                  {own ? "✓ " : ""}{each.example}
                </button>
              );
            },
          },
          { name: "code", title: text.quarantine.code, cell: (each) => <code>{each.reason}</code> },
          { name: "source", title: text.quarantine.source, cell: (each) => each.source },
          { name: "rows", title: text.quarantine.rows, numeric: true, cell: (each) => formatCount(each.rows) },
        ]}
      />
    </Section>
  );
}

function Rejected({ rows }: { rows: QuarantinePageAnswer["rows"] }) {
  const amount = (value: string | null): string => {
    const decimal = value === null ? null : parseDecimal(value);
    return decimal === null ? value ?? "" : formatAmount(decimal);
  };
  return (
    <Table
      caption={text.quarantine.rows} rows={rows}
      columns={[
        { name: "file", title: text.quarantine.file, cell: (row) => row.line === null ? row.file : `${row.file}:${row.line}` },
        { name: "source", title: text.quarantine.source, cell: (row) => row.source },
        { name: "reasons", title: text.quarantine.reasons, wide: true, cell: (row) => row.reasons.join("; ") },
        { name: "amount", title: text.quarantine.amount, numeric: true, cell: (row) => amount(row.amount) },
        { name: "raw", title: text.quarantine.raw, wide: true, cell: (row) => <code>{row.raw}</code> },
      ]}
    />
  );
}
