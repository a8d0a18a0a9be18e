import { useEffect, useMemo, useRef, useState } from 'react'
import uPlot from 'uplot'
import { t } from '../language/language.ts'
import type { TrainingHistory } from '../state/api.ts'
import { lookAtStep, smoothed, stepsOf } from '../state/trainings.ts'

const HEIGHT = 240
const LARGE = 480

/** Losses of a run: of each step (faint) and smoothed, of what is held back (dots), the step that is looked at (a line). A click looks at
 *  the nearest step. */
export function LossPlot({
  history,
  step,
  isLarge,
}: {
  history: TrainingHistory
  step: number | undefined
  isLarge: boolean
}) {
  const height = isLarge ? LARGE : HEIGHT
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const theme = useTheme()
  const marked = useRef(step)
  const latest = useRef(history)
  marked.current = step
  latest.current = history
  const data = useMemo(() => rowsOf(history), [history])
  const first = useRef(data)
  first.current = data
  const { steps } = history
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const place = box.current
    if (place === null) return
    const made = new uPlot(
      options({ width: place.clientWidth, height }, steps, () => marked.current),
      first.current,
      place,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height }))
    observer.observe(place)
    const look = ({ offsetX }: MouseEvent) => {
      const wanted = made.posToVal(offsetX, 'x')
      const near = stepsOf(latest.current).reduce<number | undefined>(
        (best, each) => (best === undefined || Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best),
        undefined,
      )
      if (near !== undefined) lookAtStep(near)
    }
    made.over.addEventListener('click', look)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [steps, theme, height])
  useEffect(() => plot.current?.setData(data), [data])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the line is drawn anew where the step changes
  useEffect(() => plot.current?.redraw(false), [step])
  return (
    <div
      ref={box}
      className="teach-plot"
      style={{ height }}
      role="img"
      aria-label={plotWords(history)}
      data-testid="loss-plot"
    />
  )
}

/** Changes when the page's colours do: by the person's choice, or with the system. */
export function useTheme(): string {
  const [theme, setTheme] = useState(themeNow)
  useEffect(() => {
    const look = () => setTheme(themeNow())
    const observer = new MutationObserver(look)
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    const system = matchMedia('(prefers-color-scheme: light)')
    system.addEventListener('change', look)
    return () => {
      observer.disconnect()
      system.removeEventListener('change', look)
    }
  }, [])
  return theme
}

const themeNow = (): string => getComputedStyle(document.documentElement).getPropertyValue('--text')

/** "Loss falls from 0.14 to 0.07 over 420 steps" */
export function plotWords({ losses, heldBack }: Pick<TrainingHistory, 'losses' | 'heldBack'>): string {
  const curve = smoothed(losses)
  const [from, to] = [curve.slice(0, 5).at(-1), curve.at(-1)]
  const last = losses.at(-1)
  if (from === undefined || to === undefined || last === undefined) return t('No loss yet')
  const held = heldBack.at(-1)
  const values = { from: from.toFixed(3), to: to.toFixed(3), steps: last[0] }
  const own =
    to < from
      ? t('Loss falls from {from} to {to} over {steps} steps', values)
      : t('Loss rises from {from} to {to} over {steps} steps', values)
  return held === undefined ? own : t('{own}; of held-back pictures it is {loss}', { own, loss: held[1].toFixed(3) })
}

/** Columns of the plot: steps, raw, smoothed, held back. Where a run went on after an end, there is a gap. */
export function rowsOf({ losses, heldBack, resumed }: Pick<TrainingHistory, 'losses' | 'heldBack' | 'resumed'>) {
  const smooth = smoothed(losses)
  const rows = new Map<number, [number | null | undefined, number | null | undefined, number | undefined]>()
  for (const [k, [step, loss]] of losses.entries()) rows.set(step, [loss, smooth[k], undefined])
  for (const [step, loss] of heldBack) {
    const [raw, mean] = rows.get(step) ?? [undefined, undefined]
    rows.set(step, [raw, mean, loss])
  }
  for (const step of resumed) rows.set(step + 0.5, [null, null, undefined])
  const sorted = [...rows].sort(([a], [b]) => a - b)
  const data: uPlot.AlignedData = [
    sorted.map(([step]) => step),
    sorted.map(([, [raw]]) => raw),
    sorted.map(([, [, mean]]) => mean),
    sorted.map(([, [, , held]]) => held),
  ]
  return data
}

function options(
  size: { readonly width: number; readonly height: number },
  steps: number,
  marked: () => number | undefined,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const font = `500 11px ${colour('--font')}`
  const axis = { stroke: colour('--text-3'), font, ticks: { show: false } }
  return {
    ...{ ...size, legend: { show: false }, cursor: { show: false }, padding: [10, 20, 0, 0] },
    scales: { x: { time: false, range: [0, steps] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, incrs: WHOLE },
      {
        ...{ ...axis, grid: { stroke: colour('--line'), width: 1 }, size: 48 },
        values: (_, ticks) => ticks.map(tick => short.format(tick)),
      },
    ],
    series: [
      {},
      { stroke: withAlpha(colour('--text-3'), 0.45), width: 1, points: { show: false } },
      { stroke: colour('--accent'), width: 2, points: { show: false } },
      {
        ...{ stroke: colour('--text'), width: 1.5, dash: [1, 4], spanGaps: true },
        points: { show: true, size: 7, width: 1.5, stroke: colour('--text'), fill: colour('--float') },
      },
    ],
    hooks: {
      // What is still to come lies in the shade.
      drawClear: [
        ({ ctx, bbox, data: [all], valToPos }) => {
          const from = valToPos(all.at(-1) ?? 0, 'x', true)
          ctx.fillStyle = withAlpha(colour('--chrome'), 0.55)
          ctx.fillRect(from, bbox.top, bbox.left + bbox.width - from, bbox.height)
        },
      ],
      draw: [
        plot => {
          const step = marked()
          if (step === undefined) return
          const { ctx, bbox } = plot
          const x = plot.valToPos(step, 'x', true)
          ctx.save()
          ctx.strokeStyle = colour('--text-2')
          ctx.setLineDash([2, 3])
          ctx.beginPath()
          ctx.moveTo(x, bbox.top)
          ctx.lineTo(x, bbox.top + bbox.height)
          ctx.stroke()
          const held = plot.data[3][plot.data[0].indexOf(step)]
          if (typeof held === 'number') {
            ctx.fillStyle = colour('--text')
            ctx.beginPath()
            ctx.arc(x, plot.valToPos(held, 'y', true), 4.5 * devicePixelRatio, 0, 2 * Math.PI)
            ctx.fill()
          }
          ctx.restore()
        },
      ],
    },
  }
}

/** Steps are whole: so are the distances of what is written under them. */
const WHOLE = [1, 10, 100, 1000, 10_000, 100_000].flatMap(unit => [unit, 2 * unit, 5 * unit])

/** Losses of a run that comes apart are long numbers. */
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })

const withAlpha = (colour: string, alpha: number): string =>
  `color-mix(in srgb, ${colour} ${alpha * 100}%, transparent)`
