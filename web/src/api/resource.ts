import { useCallback, useEffect, useState } from "preact/hooks";
import { asFailure, type Failure } from "./client";

export interface Resource<T> {
  readonly data: T | null; // while loading anew: what was shown before for the same kind of question
  readonly failure: Failure | null;
  readonly loading: boolean;
  readonly retry: () => void;
}

// Answers about a release never change, so they are kept; the oldest leaves when there are many.
const kKeptMax = 200;
const kept = new Map<string, unknown>();

function keep(key: string, value: unknown): void {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > kKeptMax) {
    const oldest = kept.keys().next();
    if (oldest.done !== true) kept.delete(oldest.value);
  }
}

export function forgetAnswers(): void {
  kept.clear();
}

interface Held<T> {
  readonly key: string | null;
  readonly data: T | null;
  readonly failure: Failure | null;
}

/**
 * Loads when `key` changes; null asks for nothing. A key that begins with "release:" names something
 * immutable and is kept for the session.
 */
export function useResource<T>(key: string | null, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [held, setHeld] = useState<Held<T>>({ key: null, data: null, failure: null });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (key === null) return undefined;
    if (kept.has(key)) {
      setHeld({ key, data: kept.get(key) as T, failure: null });
      return undefined;
    }
    const control = new AbortController();
    load(control.signal).then(
      (data) => {
        if (control.signal.aborted) return;
        if (key.startsWith("release:")) keep(key, data);
        setHeld({ key, data, failure: null });
      },
      (cause: unknown) => {
        if (control.signal.aborted) return;
        const failure = asFailure(cause);
        setHeld((before) => ({ key, data: before.data, failure }));
      },
    );
    return () => control.abort();
    // `load` is a new function on every call; the key says when the question is another one.
  }, [key, attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  const current = held.key === key;
  return {
    data: key === null ? null : held.data,
    failure: current ? held.failure : null,
    loading: key !== null && !current,
    retry,
  };
}
