import { useEffect, useState } from "preact/hooks";

export interface Place {
  readonly path: string;
  readonly search: string;
}

function here(): Place {
  return { path: window.location.pathname, search: window.location.search };
}

const kMoved = "bullion-moved";

export function navigate(address: string, how: { replace?: boolean } = {}): void {
  const before = window.location.pathname;
  if (how.replace === true) window.history.replaceState(null, "", address);
  else window.history.pushState(null, "", address);
  window.dispatchEvent(new Event(kMoved));
  if (window.location.pathname !== before) window.scrollTo(0, 0);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const follow = (): void => setPlace(here());
    window.addEventListener("popstate", follow);
    window.addEventListener(kMoved, follow);
    return () => {
      window.removeEventListener("popstate", follow);
      window.removeEventListener(kMoved, follow);
    };
  }, []);
  return place;
}
