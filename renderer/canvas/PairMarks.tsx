import { type KeyboardEvent, type PointerEvent, useState } from 'react'
import { Segmented } from '../components/Segmented.tsx'
import { t } from '../language/language.ts'
import type { Image } from '../state/api.ts'
import { useStudio } from '../state/studio.ts'
import type { Box } from './placing.ts'

const clamp = (share: number) => Math.min(1, Math.max(0, share))
const setSplit = (split: number) => useStudio.setState({ split: clamp(split) })

/** The line between two pictures: drag it, move it with the arrow keys, double-click to centre it. */
export function SplitLine({ frame }: { readonly frame: Box }) {
  const split = useStudio(state => state.split)
  const [grip, setGrip] = useState<number>()
  const keys = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 0.1 : 0.01
    if (event.key === 'ArrowLeft') setSplit(split - step)
    else if (event.key === 'ArrowRight') setSplit(split + step)
    else if (event.key === 'Home') setSplit(0)
    else if (event.key === 'End') setSplit(1)
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const move = (event: PointerEvent) => {
    if (grip !== undefined) setSplit((event.clientX - grip) / frame.width)
  }
  return (
    <div
      className="split"
      data-handle
      role="slider"
      tabIndex={0}
      aria-label={t('Line of the comparison')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(split * 100)}
      aria-valuetext={`${Math.round(split * 100)} %`}
      style={{ left: frame.left + frame.width * split, top: frame.top, height: frame.height }}
      onPointerDown={event => {
        event.stopPropagation()
        event.currentTarget.setPointerCapture(event.pointerId)
        setGrip(event.clientX - split * frame.width)
      }}
      onPointerMove={move}
      onPointerUp={() => setGrip(undefined)}
      onPointerCancel={() => setGrip(undefined)}
      onDoubleClick={() => setSplit(0.5)}
      onKeyDown={keys}
    />
  )
}

const labelOf = (image: Image | undefined, index: number) => ({
  name: index < 0 ? t('Accepted') : String(index + 1),
  seed: image?.recipe?.seed,
})

/** Which picture is which: number and seed in the lower corners. */
export function PairLabels({ frame, second }: { readonly frame: Box; readonly second?: Box }) {
  const shown = useStudio(state => state.shown)
  const compared = useStudio(state => state.compared)
  const draft = useStudio(state => state.draft)
  const compare = useStudio(state => state.compare)
  if (frame.width < 260 || compare === 'difference') return null
  const right = second ?? frame
  const marks = [
    { ...labelOf(compared < 0 ? draft.accepted : draft.staged[compared], compared), style: { left: frame.left + 10 } },
    {
      ...labelOf(draft.staged[shown], shown),
      style: { left: right.left + right.width - 10, transform: 'translateX(-100%)' },
    },
  ]
  return marks.map(({ name, seed, style }) => (
    <span key={name} className="over num" style={{ ...style, top: frame.top + frame.height - 36 }}>
      {name}
      {seed !== undefined && <span className="dim">{t('seed {seed}', { seed })}</span>}
    </span>
  ))
}

const GAINS = ['1', '4', '16'] as const

/** How much a difference is strengthened. The wheel zooms here as everywhere, so the gain has a control of its own. */
export function DifferenceGain({ frame }: { readonly frame: Box }) {
  const gain = useStudio(state => state.gain)
  return (
    <div className="gain" data-handle style={{ left: frame.left + 10, top: frame.top + frame.height - 38 }}>
      <Segmented
        label={t('Strength of the difference')}
        value={GAINS.find(each => Number(each) === gain)}
        choices={GAINS.map(value => ({ value, label: `× ${value}` }))}
        onChange={value => useStudio.setState({ gain: Number(value) })}
      />
    </div>
  )
}
