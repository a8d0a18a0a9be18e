/** The page's own storage. It may be missing or full; what is kept there is a convenience, so neither is an error. */
export function load(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Nothing a person made is lost: pictures and recipes are in the engine's library.
  }
}
