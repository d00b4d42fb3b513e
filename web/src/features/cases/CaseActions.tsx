// What people do with a case. Every action names the version of the case that is on the screen, so that
// nobody decides on a case that somebody else has changed meanwhile.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { api, asFailure, unwrap, type Failure, type Schemas } from "../../api/client";
import { parseDecimal } from "../../amounts/decimal";
import { text } from "../../text/catalogue";
import { Section } from "../../ui/Page";
import { FailureBox } from "../../ui/States";
import { placesOf, readAmount } from "./amount";
import { actionLabel, stateLabel } from "./words";

type Case = Schemas["Case"];
type CaseAction = Schemas["CaseAction"];
type ActionName = CaseAction["action"];
type Teach = NonNullable<CaseAction["teach"]>;

export function isSome(money: Schemas["Money"]): boolean {
  return (parseDecimal(money.amount)?.units ?? 0n) !== 0n;
}

/** What a state allows, in the order people do it. The server decides; this only leaves out what it would refuse. */
const kAllowed: Record<Case["state"], readonly ActionName[]> = {
  new: ["assign", "confirm", "dismiss", "comment"],
  suppressed: ["assign", "confirm", "dismiss", "comment"],
  assigned: ["assign", "confirm", "dismiss", "comment"],
  confirmed: ["recover", "confirm", "assign", "dismiss", "reopen", "comment"],
  dismissed: ["dismiss", "reopen", "comment"],
  recovered: ["reopen", "comment"],
  merged: [],
};

function allowedActions(item: Case): readonly ActionName[] {
  // What was dismissed is dismissed once more after more money came.
  const usual = kAllowed[item.state].filter((action) => item.state !== "dismissed" || action !== "dismiss" || item.grown);
  // Money that never came can be taken back in every state.
  const takesBack = usual.length > 0 && !usual.includes("recover") && item.money.some((money) => isSome(money.recovered));
  return takesBack ? [...usual, "recover"] : usual;
}

/** What is typed; null is untouched. */
interface Draft {
  readonly note: string;
  readonly owner: string | null;
  readonly amount: string; // "" is all of it
  readonly currency: string | null;
  readonly teach: Teach;
}
const kNothing: Draft = { note: "", owner: null, amount: "", currency: null, teach: "nothing" };

type Field = "note" | "owner" | "amount";
interface Complaint {
  readonly field: Field;
  readonly message: string;
}

const kNeedsNote: ReadonlySet<ActionName> = new Set(["dismiss", "comment", "reopen"]);
const kTakesAmount: ReadonlySet<ActionName> = new Set(["confirm", "recover"]);

function moneyOf(item: Case, draft: Draft): Case["money"][number] | undefined {
  return item.money.find((money) => money.at_risk.currency === draft.currency) ?? item.money[0];
}

/** What is wrong with the amount as it stands; null when nothing is, or none is typed. */
function amountFault(item: Case, draft: Draft): string | null {
  const money = moneyOf(item, draft);
  if (draft.amount.trim() === "" || money === undefined) return null;
  const places = placesOf(money);
  const { fault } = readAmount(draft.amount, places);
  if (fault === null) return null;
  return fault === "places" ? text.cases.amountFaults.places(places) : text.cases.amountFaults[fault];
}

function complaintAbout(action: ActionName, item: Case, draft: Draft): Complaint | null {
  if (action === "assign" && (draft.owner ?? item.owner ?? "").trim() === "") return { field: "owner", message: text.cases.nameOwner };
  let takesBack = false;
  if (kTakesAmount.has(action)) {
    const fault = amountFault(item, draft);
    if (fault !== null) return { field: "amount", message: fault };
    takesBack = draft.amount.trim().startsWith("-");
    if (takesBack && action === "confirm") return { field: "amount", message: text.cases.amountFaults.belowZero };
    if (!takesBack && !kAllowed[item.state].includes(action)) return { field: "amount", message: text.cases.amountFaults.onlyTakesBack };
  }
  const wantsNote = kNeedsNote.has(action) || takesBack;
  return wantsNote && draft.note.trim() === "" ? { field: "note", message: text.cases.sayWhy(actionLabel(action)) } : null;
}

function bodyOf(action: ActionName, item: Case, draft: Draft, force: boolean): CaseAction {
  const money = moneyOf(item, draft);
  const typed = money === undefined ? null : readAmount(draft.amount, placesOf(money)).amount;
  return {
    action,
    version: item.version,
    ...(draft.note.trim() === "" ? {} : { note: draft.note }),
    ...(action === "assign" ? { owner: (draft.owner ?? item.owner ?? "").trim() } : {}),
    ...(action === "dismiss" ? { teach: draft.teach } : {}),
    ...(kTakesAmount.has(action) && typed !== null && money !== undefined ? { amount: { amount: typed, currency: money.at_risk.currency } } : {}),
    ...(force ? { force } : {}),
  };
}

interface Refused {
  readonly action: ActionName;
  readonly failure: Failure;
  readonly force: boolean; // do it all the same
}

interface WorkProps {
  readonly item: Case;
  readonly onChange: () => void;
}

export function CaseActions({ item, onChange }: WorkProps) {
  const [draft, setDraft] = useState(kNothing);
  const [complaint, setComplaint] = useState<Complaint | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [said, setSaid] = useState("");
  const busy = useRef(false);
  const [isBusy, setBusy] = useState(false);
  const status = useRef<HTMLParagraphElement>(null);
  const form = useRef<HTMLDivElement>(null);
  const change = (part: Partial<Draft>): void => {
    setDraft({ ...draft, ...part });
    setComplaint(null);
    // Consent is to what was refused, and this is something else.
    if (refused?.failure.code === "needs-force" && (part.amount ?? part.currency) !== undefined) setRefused(null);
  };
  // A button that the new state has no more takes the focus with it.
  useEffect(() => {
    if (said !== "" && document.activeElement === document.body) status.current?.focus();
  }, [said, item.version]);
  useEffect(() => {
    if (complaint !== null) form.current?.querySelector<HTMLElement>(`[name=${complaint.field}]`)?.focus();
  }, [complaint]);
  const finish = (): void => {
    busy.current = false;
    setBusy(false);
  };
  const act = (action: ActionName, byEnter: boolean): void => {
    if (busy.current) return;
    // Enter in an empty field is no decision about all of the money.
    const isSlip = byEnter && kTakesAmount.has(action) && draft.amount.trim() === "";
    const wrong: Complaint | null = isSlip ? { field: "amount", message: text.cases.amountFaults.missing } : complaintAbout(action, item, draft);
    setComplaint(wrong);
    setSaid("");
    if (wrong !== null) return;
    busy.current = true;
    setBusy(true);
    const force = refused?.action === action && refused.force;
    const body = bodyOf(action, item, draft, force);
    unwrap(api.POST("/cases/{id}/actions", { params: { path: { id: item.id } }, body })).then(
      (after) => {
        finish();
        setRefused(null);
        setDraft(kNothing);
        setSaid(text.cases.done(actionLabel(action), stateLabel(after.state)));
        onChange();
      },
      (cause: unknown) => {
        finish();
        const failure = asFailure(cause);
        setRefused({ action, failure, force: false });
        if (failure.code === "case-changed") onChange();
      },
    );
  };
  const allowed = allowedActions(item);
  const money = allowed.filter((action) => kTakesAmount.has(action));
  const buttons = (names: readonly ActionName[]) => names.filter((name) => allowed.includes(name)).map((action) => (
    <button key={action} type="submit" value={action} aria-disabled={isBusy}>{actionLabel(action)}</button>
  ));
  const fields = { item, draft, complaint, onChange: change };
  if (allowed.length === 0) return null;
  return (
    <Section title={text.cases.work}>
      <div class="work" ref={form}>
        <Work onAct={act}><NoteField {...fields} />{buttons(["comment", "reopen"])}</Work>
        {allowed.includes("assign") ? <Work onAct={act}><OwnerField {...fields} />{buttons(["assign"])}</Work> : null}
        {money.length > 0 ? <Work onAct={act}><AmountFields {...fields} />{buttons(money)}</Work> : null}
        {allowed.includes("dismiss") ? <Work onAct={act}><TeachField {...fields} />{buttons(["dismiss"])}</Work> : null}
      </div>
      <p class="muted small">{text.cases.needsNote}</p>
      <p class="said" role="status" tabIndex={-1} ref={status}>{isBusy ? text.cases.working : said}</p>
      {refused === null ? null : <Refusal refused={refused} onForce={(force) => setRefused({ ...refused, force })} />}
    </Section>
  );
}

/** Fields with the buttons that use them: Enter in a field is the first of these. */
function Work({ onAct, children }: { onAct: (action: ActionName, byEnter: boolean) => void; children: ComponentChildren }) {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (event.submitter instanceof HTMLButtonElement) onAct(event.submitter.value as ActionName, document.activeElement instanceof HTMLInputElement);
  };
  return <form class="toolbar-form" noValidate onSubmit={submit}>{children}</form>;
}

interface FieldProps {
  readonly item: Case;
  readonly draft: Draft;
  readonly complaint: Complaint | null;
  readonly onChange: (part: Partial<Draft>) => void;
}

/** What is wrong with a field, beside it. */
function Fault({ id, message }: { id: string; message: string | null }) {
  return message === null ? null : <span class="fault" id={id} role="alert">{message}</span>;
}

function messageFor(field: Field, complaint: Complaint | null): string | null {
  return complaint?.field === field ? complaint.message : null;
}

function described(id: string, message: string | null) {
  return message === null ? {} : { "aria-invalid": true, "aria-describedby": id };
}

function NoteField({ draft, complaint, onChange }: FieldProps) {
  const message = messageFor("note", complaint);
  return (
    <>
      <label class="grow">
        {text.cases.note}
        <input name="note" value={draft.note} {...described("note-fault", message)} onInput={(event) => onChange({ note: event.currentTarget.value })} />
      </label>
      <Fault id="note-fault" message={message} />
    </>
  );
}

function OwnerField({ item, draft, complaint, onChange }: FieldProps) {
  const message = messageFor("owner", complaint);
  return (
    <>
      <label>
        {text.cases.owner}
        <input
          name="owner" value={draft.owner ?? item.owner ?? ""} {...described("owner-fault", message)}
          onInput={(event) => onChange({ owner: event.currentTarget.value })}
        />
      </label>
      <Fault id="owner-fault" message={message} />
    </>
  );
}

/** Less, or with consent more, than the whole amount that a case is about. */
function AmountFields({ item, draft, complaint, onChange }: FieldProps) {
  const currency = moneyOf(item, draft)?.at_risk.currency;
  if (currency === undefined) return null;
  const message = amountFault(item, draft) ?? messageFor("amount", complaint);
  return (
    <>
      <label>
        {text.cases.howMuch(currency)}
        <input
          name="amount" value={draft.amount} inputMode="decimal" placeholder={text.cases.allOfIt} {...described("amount-fault", message)}
          onInput={(event) => onChange({ amount: event.currentTarget.value })}
        />
      </label>
      {item.money.length < 2 ? null : (
        <label>
          {text.panel.currency}
          <select value={currency} onChange={(event) => onChange({ currency: event.currentTarget.value })}>
            {item.money.map(({ at_risk: each }) => <option key={each.currency} value={each.currency}>{each.currency}</option>)}
          </select>
        </label>
      )}
      <Fault id="amount-fault" message={message} />
    </>
  );
}

function TeachField({ draft, onChange }: FieldProps) {
  return (
    <label>
      {text.cases.teach}
      <select value={draft.teach} onChange={(event) => onChange({ teach: event.currentTarget.value as Teach })}>
        <option value="nothing">{text.cases.teaches.nothing}</option>
        <option value="subject">{text.cases.teaches.subject}</option>
        <option value="finding">{text.cases.teaches.finding}</option>
      </select>
    </label>
  );
}

function Refusal({ refused: { action, failure, force }, onForce }: { refused: Refused; onForce: (force: boolean) => void }) {
  return (
    <>
      <FailureBox failure={failure} />
      {failure.code === "case-changed" ? <p class="note" role="alert">{text.cases.changedMeanwhile}</p> : null}
      {failure.code !== "needs-force" ? null : (
        <>
          <p class="note">{text.cases.needsForce(actionLabel(action))}</p>
          <label class="check">
            <input type="checkbox" checked={force} onChange={(event) => onForce(event.currentTarget.checked)} />
            {text.cases.force}
          </label>
        </>
      )}
    </>
  );
}
