import { TEXT_TO_IMAGE } from '../../operations/text-to-image-id.ts'
import { schedulers } from '../../schedulers/index.ts'
import type { Recipe } from '../records.ts'
import { samplerNamed } from './sampler-names.ts'

/** The text that the AUTOMATIC1111 web UI puts into its pictures and many programs read: the prompt, a line "Negative prompt: ...",
 *  and a last line of settings, "Steps: 20, Sampler: Euler a, ..." (its modules/processing.py, `create_infotext`, and
 *  modules/infotext_utils.py, `parse_generation_parameters`). */

const negativeLabel = 'Negative prompt:'

export function writeA1111({ parameters, seed, model, app }: Recipe): string {
  const { prompt, negative, steps, sampler, karras, guidance, rescale, width, height, clipSkip } = parameters
  const settings: [label: string, value: unknown][] = [
    ['Steps', steps],
    ['Sampler', samplerTitle(sampler)],
    ['Schedule type', karras === true ? 'Karras' : undefined],
    ['CFG scale', guidance],
    ['CFG rescale', rescale === 0 ? undefined : rescale],
    ['Seed', seed],
    // The web UI counts from 1, which skips nothing.
    ['Clip skip', typeof clipSkip === 'number' && clipSkip > 0 ? clipSkip + 1 : undefined],
    ['Size', width === undefined || height === undefined ? undefined : `${width}x${height}`],
    ['Model hash', model.hash.slice(0, 10)],
    ['Model', model.name],
    ['Version', app],
  ]
  const line = settings.flatMap(([label, value]) => (value === undefined ? [] : `${label}: ${quote(String(value))}`))
  const negativeLine = negative === undefined || negative === '' ? '' : `\n${negativeLabel} ${negative}`
  return `${prompt ?? ''}${negativeLine}\n${line.join(', ')}`.trim()
}

const quote = (value: string) => (/[,\n:"]/.test(value) ? JSON.stringify(value) : value)

const samplerTitle = (className: unknown) =>
  typeof className === 'string' && Object.hasOwn(schedulers, className) ? schedulers[className].title : className

/** Longest text that is read; prompts have hundreds of characters. */
const longest = 200_000

/** Characters that no prompt has, but a damaged file. */
const controls = /[^\P{Cc}\t\r\n]/gu

/** Reads such a text, also of programs that write it a little differently. Settings that make no sense are left out: the
 *  model's own values then hold. The seed is '' where the text has none. Undefined if the text is empty or absurdly long. */
export function readA1111(text: string): Recipe | undefined {
  if (text.length > longest) return undefined
  const lines = text.replace(controls, '').trim().split(/\r?\n/)
  if (lines.join('') === '') return undefined
  const settings = parseSettings(lines.at(-1) ?? '')
  // A last line with fewer settings belongs to the prompt, as in the reader of the web UI.
  const hasSettings = settings.size >= 3
  const words = hasSettings ? lines.slice(0, -1) : lines
  const get = (label: string) => (hasSettings ? settings.get(label) : undefined)
  const negativeAt = words.findIndex(line => line.trimStart().startsWith(negativeLabel))
  const promptLines = negativeAt < 0 ? words : words.slice(0, negativeAt)
  const negativeLines = negativeAt < 0 ? [] : words.slice(negativeAt)
  const seed = get('Seed')
  const { sampler, karras, unknown } = samplerNamed(get('Sampler'), get('Schedule type'))
  return {
    operation: TEXT_TO_IMAGE.id,
    operationVersion: TEXT_TO_IMAGE.version,
    parameters: withoutAbsent({
      prompt: promptLines.join('\n').trim(),
      negative: negativeLines.join('\n').trim().slice(negativeLabel.length).trim(),
      steps: number(get('Steps'), 1, 1000, true),
      guidance: number(get('CFG scale'), 0, 100),
      rescale: number(get('CFG rescale') ?? get('CFG Rescale φ'), 0, 1),
      ...clipSkipOf(get('Clip skip')),
      ...{ sampler, karras },
      ...sizeOf(get('Size')),
    }),
    seed: seed !== undefined && isSeed(seed) ? BigInt(seed).toString() : '',
    model: { name: get('Model') ?? '', hash: get('Model hash') ?? '' },
    provider: '',
    ...(Object.keys(unknown).length > 0 && { unknown }),
    app: get('Version') ?? '',
    parents: [],
  }
}

const withoutAbsent = (values: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))

/** "Label: value, Label: "quoted, value"" in one pass over the text, so a long line costs no more than its length. */
function parseSettings(line: string): Map<string, string> {
  const settings = new Map<string, string>()
  for (let at = 0; at < line.length; ) {
    const colon = line.indexOf(':', at)
    if (colon < 0) break
    const label = line.slice(at, colon).trim()
    const start = colon + 1 + (line[colon + 1] === ' ' ? 1 : 0)
    const end = line[start] === '"' ? endOfQuoted(line, start) : endOfPlain(line, start)
    if (!settings.has(label)) settings.set(label, unquote(line.slice(start, end).trim()))
    at = endOfPlain(line, end) + 1
  }
  return settings
}

const endOfPlain = (line: string, from: number) => {
  const comma = line.indexOf(',', from)
  return comma < 0 ? line.length : comma
}

/** Index after the closing quote, or of the next comma where none closes. */
function endOfQuoted(line: string, start: number): number {
  for (let i = start + 1; i < line.length; i++) {
    if (line[i] === '\\') i++
    else if (line[i] === '"') return i + 1
  }
  return line.length
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value
  try {
    const text: unknown = JSON.parse(value)
    return typeof text === 'string' ? text : value
  } catch {
    return value
  }
}

function number(text: string | undefined, least: number, most: number, whole = false): number | undefined {
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  return value >= least && value <= most && (!whole || Number.isInteger(value)) ? value : undefined
}

function clipSkipOf(text: string | undefined): { clipSkip?: number } {
  const counted = number(text, 1, 24, true)
  return counted === undefined ? {} : { clipSkip: counted - 1 }
}

const isSeed = (text: string) => /^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n

function sizeOf(text: string | undefined): { width?: number; height?: number } {
  const [, width, height] = /^(\d{1,5})\s*x\s*(\d{1,5})$/.exec(text ?? '') ?? []
  return width === undefined ? {} : { width: Number(width), height: Number(height) }
}
