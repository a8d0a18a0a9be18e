import { ShieldAlert, X } from 'lucide-react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import { lastName } from '../state/additions.ts'
import { dismissRefusal, dismissRefusals, type Refusal, useModels } from '../state/models.ts'
import { Told } from './Told.tsx'

const MOST = 10

/** What was not added or not found, until it is dismissed. */
export function Refusals({ from }: { from: Refusal['from'] }) {
  const refusals = useModels(state => state.refusals).filter(each => each.from === from)
  const more = refusals.length - MOST
  return (
    <>
      {refusals.slice(0, MOST).map(refusal => (
        <RefusalCard key={refusal.reference} refusal={refusal} />
      ))}
      {refusals.length > 1 && (
        <div className="refusals-foot">
          <span className="grow t12 t3">{more > 0 ? t('and {more} more', { more }) : ''}</span>
          <Button small look="ghost" onClick={() => dismissRefusals(from)}>
            {t('Dismiss all {count}', { count: refusals.length })}
          </Button>
        </div>
      )}
    </>
  )
}

function RefusalCard({ refusal: { reference, from, failure } }: { refusal: Refusal }) {
  return (
    <section className="mbox" aria-label={t('Refused: {reference}', { reference })} data-testid="refusal">
      <h2>
        <ShieldAlert size={16} strokeWidth={1.5} className="danger-text" aria-hidden="true" />
        <span className="grow cut" title={reference}>
          {from === 'disk' ? lastName(reference) : reference}
        </span>
        <IconButton label={t('Dismiss')} small onClick={() => dismissRefusal(reference)}>
          <X size={14} strokeWidth={1.5} />
        </IconButton>
      </h2>
      <Told problem={failure} />
    </section>
  )
}
