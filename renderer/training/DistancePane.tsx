import { useEffect, useMemo, useRef } from 'react'
import uPlot from 'uplot'
import { t } from '../language/language.ts'
import type { TrainingHistory } from '../state/api.ts'
import { useTheme } from './LossPlot.tsx'

const HEIGHT = 180

type Measured = Pick<TrainingHistory, 'distances' | 'steps'>

/** How far what a run draws is from what it learns from, look by look. */
export function DistancePane({ distances, steps }: Measured) {
  const last = distances.at(-1)
  if (last === undefined) return null
  return (
    <section className="pane" aria-labelledby="distance-title">
      <div className="pane-head">
        <h2 id="distance-title">{t('Distance from your pictures')}</h2>
        <span className="legend" data-testid="distance-words">
          {t('FID {distance} of {pictures} pictures, {network}', {
            distance: last.fid.toFixed(1),
            pictures: last.pictures,
            network: last.network,
          })}
        </span>
      </div>
      <DistancePlot distances={distances} steps={steps} />
    </section>
  )
}

function DistancePlot({ distances, steps }: Measured) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const theme = useTheme()
  const data = useMemo<uPlot.AlignedData>(
    () => [distances.map(({ step }) => step), distances.map(({ fid }) => fid)],
    [distances],
  )
  const first = useRef(data)
  first.current = data
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme has other colours
  useEffect(() => {
    const place = box.current
    if (place === null) return
    const made = new uPlot(options(place.clientWidth, steps), first.current, place)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: place.clientWidth, height: HEIGHT }))
    observer.observe(place)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [steps, theme])
  useEffect(() => plot.current?.setData(data), [data])
  return <div ref={box} role="img" aria-label={distanceWords(distances)} data-testid="distance-plot" />
}

/** "The distance falls from 180.2 to 64.1 over 4000 steps" */
export function distanceWords(distances: Measured['distances']): string {
  const [from, to] = [distances.at(0), distances.at(-1)]
  if (from === undefined || to === undefined) return t('No distance yet')
  if (from === to)
    return t('The distance is {distance} at step {step}', { distance: from.fid.toFixed(1), step: from.step })
  const values = { from: from.fid.toFixed(1), to: to.fid.toFixed(1), steps: to.step }
  return to.fid < from.fid
    ? t('The distance falls from {from} to {to} over {steps} steps', values)
    : t('The distance rises from {from} to {to} over {steps} steps', values)
}

function options(width: number, steps: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const axis = { stroke: colour('--text-3'), font: `500 11px ${colour('--font')}`, ticks: { show: false } }
  const points = { show: true, size: 6, width: 1.5, stroke: colour('--accent'), fill: colour('--float') }
  return {
    ...{ width, height: HEIGHT, legend: { show: false }, cursor: { show: false }, padding: [10, 12, 0, 0] },
    // From 0, where both would be the same.
    scales: { x: { time: false, range: [0, steps] }, y: { range: (_, __, most) => [0, most * 1.1] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28 },
      { ...axis, grid: { stroke: colour('--line'), width: 1 }, size: 48 },
    ],
    series: [{}, { stroke: colour('--accent'), width: 2, points }],
  }
}
