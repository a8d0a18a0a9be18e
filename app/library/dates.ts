/** A span of time: from a moment on, until just before another; milliseconds since 1970. */
export interface Span {
  readonly from: number
  readonly until: number
}

/** A year, month or day of the local calendar as a person types it: "2026", "2026-11", "2026-11-24", "today", "yesterday", and the seven days
 *  that end today as "week". Undefined for whatever is none. */
export function spanOf(text: string, now = Date.now()): Span | undefined {
  const today = new Date(now)
  const day = (offset: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() + offset).getTime()
  const named: Readonly<Record<string, Span>> = {
    today: { from: day(0), until: day(1) },
    yesterday: { from: day(-1), until: day(0) },
    week: { from: day(-6), until: day(1) },
  }
  const name = text.toLowerCase()
  return Object.hasOwn(named, name) ? named[name] : written(text)
}

function written(text: string): Span | undefined {
  const found = /^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$/.exec(text)
  if (found === null) return undefined
  const [year, month, day] = found.slice(1).map(part => (part === undefined ? undefined : Number(part)))
  if (year === undefined) return undefined
  const at = (y: number, m: number, d: number) => new Date(y, m, d).getTime()
  if (month === undefined) return { from: at(year, 0, 1), until: at(year + 1, 0, 1) }
  if (month < 1 || month > 12) return undefined
  if (day === undefined) return { from: at(year, month - 1, 1), until: at(year, month, 1) }
  if (day < 1 || day > new Date(year, month, 0).getDate()) return undefined
  return { from: at(year, month - 1, day), until: at(year, month - 1, day + 1) }
}
