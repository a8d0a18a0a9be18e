import { ChevronDown, ChevronRight, RotateCcw, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../components/Button.tsx'
import { spoken, t } from '../language/language.ts'
import type { Job, JobProgress, ProblemInfo } from '../state/api.ts'
import type { Failure } from '../state/problem.ts'
import { generate, runAgain, runWith } from '../state/runs.ts'
import { useStudio } from '../state/studio.ts'
import { useUi } from '../state/ui.ts'
import { sizeWords } from '../state/words.ts'
import { controlInQuestion, openControlLayer } from './actions/control-layers.ts'
import { type Box, useCardOn } from './placing.ts'
import type { Insets } from './viewport.ts'

interface Props {
  readonly frame: Box
  readonly insets: Insets
  /** Absent when the engine did not take the request at all. */
  readonly job?: Job
  readonly failure?: ProblemInfo | Failure
  readonly step?: JobProgress
}

const WIDTH = 440

const close = () => useStudio.setState({ stopped: undefined, refused: undefined })

/** The heading, and the sentence under it, which need not say the heading again. */
function wordsOf({ job, failure, step }: Pick<Props, 'job' | 'failure' | 'step'>): {
  heading: string
  sentence: string
} {
  if (job?.state === 'interrupted') {
    const heading = 'The engine stopped and is back'
    const said = failure?.message.replace(`${heading}.`, '').trim() ?? ''
    const place =
      step === undefined || step.step === 0 || /\bstep \d/.test(said)
        ? ''
        : t('Your picture was at step {step}.', { step: step.step })
    return { heading: t(heading), sentence: `${spoken(said)} ${place}`.trim() }
  }
  return {
    heading: job === undefined ? t('This cannot be made') : t('The picture could not be made'),
    sentence: spoken(failure?.message ?? 'No reason is known.'),
  }
}

/** Sits on the frame: what happened, what to do, and the way on. The last preview stays faint behind it. */
export function FailureCard({ frame, insets, job, failure, step }: Props) {
  const place = useCardOn(frame, insets, WIDTH)
  const [open, setOpen] = useState(false)
  const again = useRef<HTMLButtonElement>(null)
  const { heading, sentence } = wordsOf({ job, failure, step })
  useEffect(() => {
    // Whoever is typing goes on typing; else the best way on has the focus.
    if (document.activeElement === document.body) again.current?.focus()
  }, [])
  const details = [failure?.code, job && `job ${job.id}`, step && `${step.phase}, step ${step.step} of ${step.total}`]
  const text = details.filter(Boolean).join('\n')
  return (
    <div className="card failure" style={place} role="alert" data-testid="failure">
      <div className="failure-head">
        <TriangleAlert size={18} strokeWidth={1.5} aria-hidden="true" />
        <div>
          <h2>{heading}</h2>
          <p>{sentence}</p>
          {failure?.hint !== undefined && <p className="hint">{spoken(failure.hint)}</p>}
        </div>
      </div>
      {failure?.choices !== undefined && job !== undefined && (
        <div className="failure-choices" data-testid="choices">
          {failure.choices.map(choice => (
            <Button key={choice.words} small onClick={() => void runWith(job, choice)}>
              {spoken(choice.words)}
              <span className="t3 num">{sizeWords(Number(choice.bytes.toPrecision(2)))}</span>
            </Button>
          ))}
        </div>
      )}
      {open && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
        <section className="details" tabIndex={0} aria-label={t('Details')} data-scrolls>
          {text}
        </section>
      )}
      <div className="failure-foot">
        <Button look="ghost" small aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? <ChevronDown size={14} strokeWidth={1.5} /> : <ChevronRight size={14} strokeWidth={1.5} />}
          {t('Details')}
        </Button>
        {open && (
          <Button
            look="ghost"
            small
            onClick={() => void navigator.clipboard.writeText(`${heading}\n${sentence}\n${text}`)}
          >
            {t('Copy')}
          </Button>
        )}
        <span className="grow" />
        <Button look="ghost" small shortcut="Esc" onClick={close}>
          {t('Close')}
        </Button>
        {failure !== undefined && <WayToField failure={failure} />}
        <Button
          ref={again}
          look="primary"
          small
          onClick={() => {
            close()
            void (job === undefined ? generate() : runAgain(job.id))
          }}
        >
          <RotateCcw size={14} strokeWidth={1.5} />
          {t('Run again')}
        </Button>
      </div>
    </div>
  )
}

/** Leads to what the failure is about: its field in the settings, or the control layer on the canvas. */
function WayToField({ failure }: { readonly failure: ProblemInfo | Failure }) {
  const field = 'field' in failure ? failure.field : undefined
  // What a job ends with names no field.
  const isOfControl = field === 'controls' || failure.code.startsWith('CONTROL_')
  // Of a run that is done again the layer may be gone.
  const layer = isOfControl ? controlInQuestion(failure) : undefined
  if (layer !== undefined) {
    return (
      <Button small onClick={() => openControlLayer(layer)} data-testid="failure-layer">
        {t('Show “{name}”', { name: layer.name })}
      </Button>
    )
  }
  if (isOfControl || field === undefined) return null
  return (
    <Button small onClick={() => useUi.setState({ panel: 'settings' })}>
      {t('Open settings')}
    </Button>
  )
}
