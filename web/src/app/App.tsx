import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { api, asFailure, unwrap, type Failure, type Schemas } from "../api/client";
import { watchChanges } from "../api/events";
import { forgetAnswers } from "../api/resource";
import { text } from "../text/catalogue";
import { Empty, FailureBox, Skeleton } from "../ui/States";
import { usePlace } from "../view/location";
import { readState } from "../view/urlState";
import { ViewContext, type Theme, type View } from "../view/view";
import { Pages } from "./Pages";
import { Shell } from "./Shell";
import { openSession, SignIn } from "./SignIn";
import { rememberTheme, startTheme } from "./theme";

type Session =
  | { kind: "opening" }
  | { kind: "closed"; failure: Failure | null }
  | { kind: "broken"; failure: Failure }
  | { kind: "open"; project: Schemas["Project"] };

/** The token of the link that the server printed; it leaves the address bar before anything else. */
function takeToken(): string | null {
  const address = new URL(window.location.href);
  const token = address.searchParams.get("token");
  if (token === null) return null;
  address.searchParams.delete("token");
  window.history.replaceState(null, "", address.pathname + address.search + address.hash);
  return token;
}

async function open(token: string | null): Promise<Session> {
  try {
    const project = token === null ? await unwrap(api.GET("/project")) : await openSession(token);
    return { kind: "open", project };
  } catch (cause) {
    const failure = asFailure(cause);
    if (failure.status !== 401 && failure.status !== 403) return { kind: "broken", failure };
    return { kind: "closed", failure: token === null ? null : failure };
  }
}

const kToken = takeToken();

export function App() {
  const [session, setSession] = useState<Session>({ kind: "opening" });
  const start = useCallback((token: string | null) => {
    setSession({ kind: "opening" });
    void open(token).then(setSession);
  }, []);
  useEffect(() => start(kToken), []);
  switch (session.kind) {
    case "opening":
      return <main class="signin" id="content"><h1>{text.product}</h1><Skeleton /></main>;
    case "closed":
      return <SignIn failure={session.failure} onSignedIn={(project) => setSession({ kind: "open", project })} />;
    case "broken":
      return (
        <main class="signin" id="content">
          <h1>{text.product}</h1>
          <FailureBox failure={session.failure} onRetry={() => start(null)} />
        </main>
      );
    case "open":
      return <OpenProject project={session.project} onClosed={() => setSession({ kind: "closed", failure: null })} />;
  }
}

function OpenProject({ project, onClosed }: { project: Schemas["Project"]; onClosed: () => void }) {
  const place = usePlace();
  const [theme, setTheme] = useState<Theme>(startTheme);
  const [latest, setLatest] = useState(project.latest_release ?? 0);
  const [opened, setOpened] = useState(project.latest_release ?? 0); // shown when the address names no release
  const [projectEdits, setEdits] = useState(0);
  const state = useMemo(() => readState(place.search), [place.search]);
  useEffect(() => watchChanges({
    onRelease: (number) => {
      setLatest((known) => Math.max(known, number));
      setOpened((shown) => (shown === 0 ? number : shown));
    },
    onProject: () => {
      forgetAnswers();
      setEdits((count) => count + 1);
    },
  }), []);
  const changeTheme = (next: Theme): void => {
    setTheme(next);
    rememberTheme(next);
  };
  const view: View = useMemo(
    () => ({ project, release: state.release ?? opened, latest, state, path: place.path, theme, projectEdits }),
    [project, state, opened, latest, place.path, theme, projectEdits],
  );
  const closeSession = (): void => {
    void unwrap(api.DELETE("/session")).then(onClosed, onClosed);
  };
  return (
    <ViewContext.Provider value={view}>
      <Shell onTheme={changeTheme} onLatest={() => setOpened(latest)} onSignOut={closeSession}>
        {view.release === 0 && !place.path.startsWith("/runs")
          ? <Empty title={text.states.noRelease} hint={text.states.noReleaseHint} />
          : <Pages />}
      </Shell>
    </ViewContext.Provider>
  );
}
