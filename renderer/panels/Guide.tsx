import { X } from 'lucide-react'
import { useEffect } from 'react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import { useEngine } from '../state/engine.ts'
import { useForm } from '../state/form-in-force.ts'
import { endGuide, STEPS, startGuide, useGuide } from '../state/guide.ts'
import { useScale } from '../state/scale.ts'
import { ScaleOffer } from './ScaleOffer.tsx'

/** Marks the control that a step is about; guide.css draws a ring around it. */
function useMarked(id: string | undefined): void {
  useEffect(() => {
    const { dataset } = document.documentElement
    if (id !== undefined) dataset.guide = id
    return () => {
      delete dataset.guide
    }
  }, [id])
}

/** The guide of a minute, beside the canvas: offered at the first start, never in the way. */
export function Guide() {
  const step = useGuide(state => state.step)
  const isKnown = useGuide(state => state.isKnown)
  const isEmpty = useEngine(state => state.pictures === 0)
  const isSmall = useScale(state => state.isProposed)
  const { model } = useForm()
  const shown = step === undefined ? undefined : STEPS[step]
  useMarked(shown?.id)
  if (isSmall && step === undefined) return <ScaleOffer />
  if (step === undefined) return isKnown || !isEmpty || model?.kind !== 'checkpoint' ? null : <Offer />
  if (shown === undefined) return <Done />
  return (
    <section className="float guide" aria-label={t('Guide')} data-testid="guide">
      <header>
        <span className="t11 t3 num">{t('{step} of {steps}', { step: step + 1, steps: STEPS.length })}</span>
        <IconButton label={t('End the guide')} small onClick={endGuide} data-testid="end-guide">
          <X size={14} strokeWidth={1.5} />
        </IconButton>
      </header>
      <div aria-live="polite">
        <h2>{t(shown.title)}</h2>
        <p>{t(shown.words)}</p>
      </div>
      <Button small look="ghost" onClick={() => useGuide.setState({ step: step + 1 })} data-testid="guide-skip">
        {t('Skip this step')}
      </Button>
    </section>
  )
}

function Offer() {
  return (
    <section className="float guide" aria-label={t('Guide')} data-testid="guide-offer">
      <h2>{t('New here?')}</h2>
      <p>{t('In a minute, on the real controls: draw, mask, fill, keep.')}</p>
      <div className="guide-do">
        <Button small onClick={startGuide} data-testid="start-guide">
          {t('Show me')}
        </Button>
        <Button small look="ghost" onClick={endGuide}>
          {t('Not now')}
        </Button>
      </div>
    </section>
  )
}

function Done() {
  return (
    <section className="float guide" aria-label={t('Guide')} data-testid="guide-done">
      <div aria-live="polite">
        <h2>{t('That is most of it')}</h2>
        <p>{t('Everything else is found by name with Ctrl+K; F1 shows the keys, and this guide again.')}</p>
      </div>
      <Button small onClick={endGuide}>
        {t('Close')}
      </Button>
    </section>
  )
}
