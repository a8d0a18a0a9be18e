import { dateTags, languageNow, spoken, t } from '../language/language.ts'
import type { Cost, JobProgress } from './api.ts'

/** Seconds as a person says them: "3 s", "2 min" from 90 seconds on. */
export function duration(seconds: number): string {
  if (seconds > 90) return t('{count} min', { count: Math.round(seconds / 60) })
  return t('{count} s', { count: Math.max(1, Math.round(seconds)) })
}

/** "40 s, 2.9 GB", as far as it is known. */
export function costWords(cost: Cost | undefined): string | undefined {
  const { seconds, bytes: memory } = cost ?? {}
  const words = [
    ...(seconds === undefined ? [] : [duration(seconds)]),
    ...(memory === undefined ? [] : [sizeWords(Number(memory.toPrecision(2)))]),
  ]
  return words.length === 0 ? undefined : words.join(', ')
}

/** Bytes from which memory is worth a word beside a button. */
const MUCH = 1e9

/** "about 40 s, 2.9 GB", memory only where it is much; the first run of a computer says that it knows no time yet. */
export function aboutCost(cost: Cost | undefined): string | undefined {
  const { seconds, bytes = 0 } = cost ?? {}
  const words = costWords({ seconds, bytes: bytes < MUCH ? undefined : bytes })
  if (words === undefined) return cost?.bytes === undefined ? undefined : t('no time known yet')
  return seconds === undefined ? t('{words}, no time known yet', { words }) : t('about {words}', { words })
}

/** "Step 12 of 20" once there are steps; before that what is being done, in the engine's words. */
export const stepWords = (progress: JobProgress | undefined): string => {
  if (progress === undefined) return t('Starting')
  return progress.total > 0 && progress.step > 0
    ? t('Step {step} of {total}', { step: progress.step, total: progress.total })
    : spoken(progress.phase)
}

/** Done so far, from 0 to 1. */
export const doneShare = (progress: JobProgress | undefined): number =>
  progress === undefined || progress.total === 0 ? 0 : Math.min(1, progress.step / progress.total)

export const secondsWords = (progress: JobProgress | undefined): string | undefined =>
  progress?.secondsLeft === undefined ? undefined : t('{time} left', { time: duration(progress.secondsLeft) })

export const countWords = (count: number): string => t('{count} pictures', { count })

/** Bytes in the units of file managers: "46 MB". */
export function sizeWords(size: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, size < 1 ? 0 : Math.floor(Math.log10(size) / 3))
  return `${(size / 1000 ** power).toLocaleString(languageNow(), { maximumFractionDigits: 1 })} ${units[power]}`
}

/** A name of at most `most` letters; what is left out is in the middle, for beginning and ending tell more. */
export function shortName(name: string, most = 36): string {
  if (name.length <= most) return name
  const half = Math.floor((most - 1) / 2)
  return `${name.slice(0, half)}…${name.slice(-half)}`
}

const MINUTE = 60_000
const DAY = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** A time in the language of the page. Making a format takes as long as a thousand uses of it. */
function dated(time: number | Date, options: Intl.DateTimeFormatOptions): string {
  const key = dateTags() + JSON.stringify(options)
  const format = formats.get(key) ?? new Intl.DateTimeFormat(dateTags(), options)
  formats.set(key, format)
  return format.format(time)
}

/** The midnight with which a day began. */
export const dayStart = (time: number): number => new Date(time).setHours(0, 0, 0, 0)

/** The day of a time as a heading: "Today", "Yesterday", "12 November", with the year when it is another. */
export function dayWords(time: number, now = Date.now()): string {
  const days = Math.round((dayStart(now) - dayStart(time)) / DAY)
  if (days <= 0) return t('Today')
  if (days === 1) return t('Yesterday')
  const isThisYear = new Date(time).getFullYear() === new Date(now).getFullYear()
  return dated(time, { day: 'numeric', month: 'long', ...(!isThisYear && { year: 'numeric' }) })
}

/** "today, 10:42"; "just now" within a minute. */
export function timeWords(time: number, now = Date.now()): string {
  if (now - time < MINUTE && now >= time) return t('just now')
  const days = Math.round((dayStart(now) - dayStart(time)) / DAY)
  const day = days <= 0 ? t('today') : days === 1 ? t('yesterday') : dayWords(time, now)
  return `${day}, ${dated(time, { hour: 'numeric', minute: '2-digit' })}`
}

/** "2026-11" as "November 2026" */
export const monthWords = (month: string): string =>
  dated(new Date(`${month}-15T12:00:00`), { month: 'long', year: 'numeric' })
