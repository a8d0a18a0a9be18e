import { X } from 'lucide-react'
import { Button } from '../components/Button.tsx'
import { Form } from '../components/Form.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { Segmented } from '../components/Segmented.tsx'
import { t } from '../language/language.ts'
import type { DownloadPlan } from '../state/api.ts'
import { choosePrecision, dropPlan, getPlanned, lookUp, useModels } from '../state/models.ts'
import { sizeWords } from '../state/words.ts'
import { LicenceBox } from './LicenceBox.tsx'

const PRECISIONS = [
  { value: 'fp16', label: 'fp16, smaller' },
  { value: 'fp32', label: 'fp32, exact' },
] as const

/** The only thing that uses the network: a model is looked up, shown with its cost and licence, and fetched when the person agrees. */
export function GetModels() {
  const { reference, precision, looking, plan } = useModels()
  return (
    <section className="mbox" aria-labelledby="get-title" data-region="get-models">
      <h2 id="get-title">{t('Get models')}</h2>
      <p className="mwords t12">{t('Looking up and getting are the only things here that use the network.')}</p>
      <Form className="get-form" onSubmit={() => void lookUp()}>
        <label className="field">
          <span className="sr">{t('Id or address of a model')}</span>
          <input
            type="text"
            placeholder={t('owner/name or address')}
            spellCheck={false}
            autoComplete="off"
            value={reference}
            data-region-focus
            onChange={event => {
              dropPlan()
              useModels.setState({ reference: event.target.value })
            }}
            data-testid="reference"
          />
        </label>
        <Button
          small
          type="submit"
          busy={looking !== undefined}
          disabled={reference.trim() === ''}
          data-testid="look-up"
        >
          {t('Look up')}
        </Button>
      </Form>
      <div className="setting-line">
        <span>{t('Weights')}</span>
        <Segmented label={t('Weights')} value={precision} choices={PRECISIONS} onChange={choosePrecision} />
      </div>
      {plan !== undefined && <Plan plan={plan} />}
      {looking !== undefined && <p className="mwords t12">{t('Asking what {looking} is.', { looking })}</p>}
    </section>
  )
}

/** Models that are asked for most, each a click away from being looked up. */
export function KnownModels() {
  const known = useModels(state => state.known)
  if (known.length === 0) return null
  return (
    <section className="mbox" aria-labelledby="known-title" data-region="known">
      <h2 id="known-title">{t('Asked for most')}</h2>
      <ul className="known">
        {known.map(({ reference, name, purpose }) => (
          <li key={reference}>
            <button
              type="button"
              onClick={() => void lookUp(reference)}
              title={t('Look up {reference}', { reference })}
            >
              <b className="cut">{name}</b>
              <span className="t12">{purpose}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Plan({ plan }: { plan: DownloadPlan }) {
  const fits = plan.bytes <= plan.free
  return (
    <div className="plan" data-testid="plan">
      <h3>
        <span className="grow cut" title={plan.name}>
          {plan.name}
        </span>
        <IconButton label={t('Leave it')} small onClick={dropPlan}>
          <X size={14} strokeWidth={1.5} />
        </IconButton>
      </h3>
      <dl className="dl">
        <div>
          <dt>{t('From')}</dt>
          <dd>
            {plan.host}
            {plan.commit !== undefined && `, ${plan.commit.slice(0, 8)}`}
          </dd>
        </div>
        <div>
          <dt>{t('Size')}</dt>
          <dd>
            {t('{size} in {files}', {
              size: sizeWords(plan.bytes),
              files: t('{count} files', { count: plan.files.length }),
            })}
          </dd>
        </div>
        <div>
          <dt>{t('Free on the disk')}</dt>
          <dd className={fits ? undefined : 'warn-text'}>
            {sizeWords(plan.free)}
            {!fits && t(', too little')}
          </dd>
        </div>
      </dl>
      <LicenceBox licence={plan.licence} words={plan.licence ? t('Read it before you agree.') : undefined} />
      <Button look="primary" small disabled={!fits} onClick={() => void getPlanned()} data-testid="agree">
        {plan.licence === undefined ? t('Get') : t('Agree and get')} {sizeWords(plan.bytes)}
      </Button>
    </div>
  )
}
