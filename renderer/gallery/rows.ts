import { t } from '../language/language.ts'
import type { Image } from '../state/api.ts'
import { dayStart, dayWords } from '../state/words.ts'

/** A row of the grid: the heading of a day, or of a ranking, or as many pictures as stand side by side. */
export type Row =
  | { readonly kind: 'day'; readonly day: string; readonly count: number }
  | { readonly kind: 'pictures'; readonly images: readonly Image[]; readonly first: number }

export const GAP = 8

/** How many thumbnails of this size stand side by side, and how wide each is then, so that the row is full. */
export function columnsOf(width: number, size: number): { columns: number; side: number } {
  const columns = Math.max(1, Math.floor((width + GAP) / (size + GAP)))
  return { columns, side: Math.max(1, (width - GAP * (columns - 1)) / columns) }
}

/** Pictures, latest first, as rows under the days on which they were made. A day that goes on below what was read yet
 *  counts only what was read. */
export function rowsOf(images: readonly Image[], columns: number, now = Date.now()): Row[] {
  const rows: Row[] = []
  let first = 0
  while (first < images.length) {
    const time = images[first]?.createdAt ?? 0
    const day = dayWords(time, now)
    // Words are made once a day: with 100,000 pictures, those of each would stop the scrolling.
    const begin = Math.min(dayStart(time), dayStart(now))
    let end = first
    while (end < images.length && (images[end]?.createdAt ?? 0) >= begin) end++
    rows.push({ kind: 'day', day, count: end - first })
    for (let at = first; at < end; at += columns) {
      rows.push({ kind: 'pictures', images: images.slice(at, Math.min(end, at + columns)), first: at })
    }
    first = end
  }
  return rows
}

/** Pictures in the order of a ranking, under one heading. */
export function rankedRows(images: readonly Image[], columns: number, total: number): Row[] {
  if (images.length === 0) return []
  const rows: Row[] = [{ kind: 'day', day: t('Nearest first'), count: total }]
  for (let first = 0; first < images.length; first += columns) {
    rows.push({ kind: 'pictures', images: images.slice(first, first + columns), first })
  }
  return rows
}

/** Where an arrow key leads: sideways through all pictures, up and down to the nearest one in the next row. */
export function moveIn(rows: readonly Row[], index: number, key: string): number {
  const pictures = rows.filter(row => row.kind === 'pictures')
  const last = pictures.at(-1)
  const total = last === undefined ? 0 : last.first + last.images.length
  const within = (wanted: number) => Math.min(total - 1, Math.max(0, wanted))
  const at = pictures.findIndex(row => index >= row.first && index < row.first + row.images.length)
  const row = pictures[at]
  if (row === undefined) return within(0)
  const vertical = (next: (typeof pictures)[number] | undefined) =>
    next === undefined ? index : next.first + Math.min(next.images.length - 1, index - row.first)
  switch (key) {
    case 'ArrowLeft':
      return within(index - 1)
    case 'ArrowRight':
      return within(index + 1)
    case 'ArrowUp':
      return vertical(pictures[at - 1])
    case 'ArrowDown':
      return vertical(pictures[at + 1])
    case 'Home':
      return within(0)
    case 'End':
      return within(total - 1)
    default:
      return index
  }
}
