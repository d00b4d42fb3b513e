import { useState } from "preact/hooks";
import { api, asFailure, unwrap, type Failure, type Schemas } from "../api/client";
import { text } from "../text/catalogue";

/** Exchanges a token for a cookie that scripts cannot read; the token itself is kept nowhere. */
export function openSession(token: string): Promise<Schemas["Project"]> {
  return unwrap(api.POST("/session", { body: { token } }));
}

export function SignIn({ onSignedIn, failure }: { onSignedIn: (project: Schemas["Project"]) => void; failure: Failure | null }) {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<Failure | null>(failure);
  const [busy, setBusy] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    setBusy(true);
    openSession(token.trim()).then(onSignedIn, (cause: unknown) => {
      setBusy(false);
      setProblem(asFailure(cause));
    });
  };
  const wrong = problem !== null && (problem.status === 401 || problem.status === 403);
  return (
    <main class="signin" id="content">
      <h1>{text.product}</h1>
      <p class="muted">{text.signIn.hint}</p>
      <form onSubmit={submit}>
        <label>
          {text.signIn.token}
          <input
            type="password" name="token" autocomplete="off" required value={token} aria-invalid={wrong}
            aria-describedby={problem === null ? undefined : "signin-problem"}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        {problem === null ? null : (
          <p class="failure" role="alert" id="signin-problem">
            {wrong ? text.signIn.wrong : problem.status === 0 ? text.states.noServer : problem.detail}
          </p>
        )}
        <div><button class="primary" type="submit" disabled={busy}>{text.signIn.submit}</button></div>
      </form>
    </main>
  );
}
