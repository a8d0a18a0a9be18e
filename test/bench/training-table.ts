import { median } from './median.ts'
import type { PeakMemory } from './memory.ts'

/** Figures of one program: seconds and bytes. */
export interface Figures {
  /** From its start until it is ready to learn, and until the first step is done. */
  readonly ready: number
  readonly first: number
  /** All but the first. */
  readonly steps: readonly { readonly wall: number; readonly cpu: number; readonly loss: number }[]
  /** The peak since it was ready. */
  readonly memory: PeakMemory
}

/** What was measured: programs are called `torch none`, `fp16 all`, by their file and by what they compute again. */
export interface Conditions {
  readonly size: string
  readonly rank: string
  readonly threads: string
  readonly files: readonly ('fp16' | 'fp32')[]
  readonly recomputes: readonly ('none' | 'all')[]
}

const columns: readonly [string, (figures: Figures) => number, digits: number][] = [
  ['first step, s', f => f.first, 1],
  ['step, s', f => median(f.steps.map(({ wall }) => wall)), 2],
  ['step, cpu s', f => median(f.steps.map(({ cpu }) => cpu)), 2],
  ['anonymous, GB', f => f.memory.anonymous / 1e9, 2],
  ['resident, GB', f => f.memory.together / 1e9, 2],
]

/** What is to hold beside torch and peft, at most. */
const mostTime = { none: 1.3, all: 1.5 } as const
const MOST_ANONYMOUS = 0.35
const mostResident = { fp16: 0.7, fp32: 1 } as const

const names = { torch: 'torch + peft, fp32', fp16: 'fp16 file', fp32: 'fp32 file' } as const
const words = { none: 'all kept', all: 'computed again' } as const

const row = (name: string, cells: readonly string[]) =>
  [name.padEnd(34), ...cells.map(cell => cell.padStart(20))].join('')

/** Medians of the rounds, largest peaks; beside the reference the median of the ratios of programs that ran in the same round. */
export function trainingTable(all: ReadonlyMap<string, readonly Figures[]>, conditions: Conditions): string {
  const { size, rank, threads, files, recomputes } = conditions
  const title = `${size} x ${size}, rank ${rank}, ${threads} threads`
  const head = row(
    title,
    columns.map(([name]) => name),
  )
  const lines = recomputes.flatMap(recompute => {
    const base = all.get(`torch ${recompute}`)
    const own = files.flatMap(file => {
      const rounds = all.get(`${file} ${recompute}`) ?? []
      const beside = base === undefined ? [] : [besideReference(rounds, base, [file, recompute])]
      return [figuresRow(`${names[file]}, ${words[recompute]}`, rounds), ...beside]
    })
    return base === undefined ? own : [figuresRow(`${names.torch}, ${words[recompute]}`, base), ...own]
  })
  return [head, ...lines].join('\n')
}

/** What one program took, when it has ended: a round takes minutes. */
export const programWords = (name: string, figures: Figures): string =>
  `  ${name}: ${columns.map(([title, pick, digits]) => `${title} ${pick(figures).toFixed(digits)}`).join('; ')}`

const figuresRow = (name: string, rounds: readonly Figures[]): string =>
  row(
    name,
    columns.map(([, pick, digits], k) => {
      const values = rounds.map(pick)
      return (k < 3 ? median(values) : Math.max(...values)).toFixed(digits)
    }),
  )

/** Ratios, each with the bound that is to hold and whether it does. */
function besideReference(
  rounds: readonly Figures[],
  base: readonly Figures[],
  [file, recompute]: readonly ['fp16' | 'fp32', 'none' | 'all'],
): string {
  const bounds = [undefined, mostTime[recompute], mostTime[recompute], MOST_ANONYMOUS, mostResident[file]]
  const cells = columns.map(([, pick], k) => {
    const ratio = median(rounds.flatMap((each, round) => (base[round] ? [pick(each) / pick(base[round])] : [])))
    const bound = bounds[k]
    if (bound === undefined) return `${ratio.toFixed(2)}x`
    return `${ratio.toFixed(2)}x <= ${bound} ${ratio <= bound ? 'met' : 'NOT MET'}`
  })
  return row('  beside torch, in each round', cells)
}
