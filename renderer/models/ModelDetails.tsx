import { X } from 'lucide-react'
import { Button } from '../components/Button.tsx'
import { IconButton } from '../components/IconButton.tsx'
import { t } from '../language/language.ts'
import { familyWords } from '../state/additions.ts'
import type { ModelInfo } from '../state/api.ts'
import { useOwnEstimate } from '../state/asking.ts'
import { useEngine } from '../state/engine.ts'
import { useForm } from '../state/form-in-force.ts'
import { openMerging } from '../state/merging.ts'
import { originRows } from '../state/model-rows.ts'
import { draws, fieldFor, forgetModel, isUsedSomewhere, kindWords, takeToStudio, useModels } from '../state/models.ts'
import { checkOf, type FewBits, lossWords, measureLoss, useDetails } from '../state/precision.ts'
import { countWords, sizeWords } from '../state/words.ts'
import { FindModel } from './FindModel.tsx'
import { needWords, promptWords } from './ModelCard.tsx'
import { usePictures } from './use-pictures.ts'

/** What is known of a model, as names and values. */
function useRows(model: ModelInfo): (readonly [string, string])[] {
  const { total } = usePictures(model)
  const details = useDetails(model)
  const need = useOwnEstimate(model)
  const samplers = useEngine(state => state.samplers)
  const { defaults, kind, problem, path } = model
  if (problem !== undefined) return [['Lies in', path]]
  const sampler = samplers.find(({ className }) => className === defaults.sampler)?.title ?? defaults.sampler
  const special: (readonly [string, string])[] = draws(model)
    ? [
        ['Needs', needWords(model, need?.bytes)],
        ['Own values', ownValues(model, sampler)],
        ['Draws from', sourceWords(model)],
        ...originRows(model),
        ['Used by', countWords(total)],
      ]
    : kind === 'lora' || kind === 'embedding'
      ? [['In prompts', promptWords(model)]]
      : []
  return [
    ['Kind', t(kindWords(kind))],
    draws(model) ? ['Family', familyWords(model) ?? t('its own')] : ['For', familyWords(model) ?? t('not told')],
    ['Size', `${sizeWords(model.bytes)}, ${t(model.precision)}`],
    ...special,
    ['Licence', details?.licence ?? model.licence ?? t('not told')],
    ['Hash', (details?.hash ?? model.hash)?.slice(0, 12) ?? ''],
    ['Lies in', path],
  ]
}

/** Why a model cannot be taken to the Studio. */
function uselessWords(model: ModelInfo, inUse: ModelInfo | undefined): string {
  const elsewhere = ELSEWHERE[model.kind]
  if (elsewhere !== undefined) return t(elsewhere)
  if (isUsedSomewhere(model))
    return t('{name} takes none of these: choose another model first.', { name: inUse?.name ?? t('The model in use') })
  return t('It is kept in the list; Sfumato cannot use models of this kind yet.')
}

/** Where kinds are used that are not put beside a model, or why they are not. */
const ELSEWHERE: Readonly<Partial<Record<ModelInfo['kind'], string>>> = {
  controlnet: 'Control layers use it: add one in the Layers panel of the Studio.',
  'learned-picture': 'The Words panel of the Studio draws with it, at the picture that it was learned from.',
  masks: 'The mask brush uses it: From words.',
  segmenter: 'The wand uses it: choose Network among its ways.',
  'text-encoder':
    'It is kept in the list; Sfumato uses the text encoder of the model itself, and cannot exchange it yet.',
}

const ownValues = ({ kind, defaults }: ModelInfo, sampler: string): string =>
  kind === 'unconditional'
    ? t('{steps} steps, {sampler}', { steps: defaults.steps, sampler })
    : t('{steps} steps, guidance {guidance}, {sampler}', {
        ...{ steps: defaults.steps, guidance: defaults.guidance, sampler },
      })

/** What a model that draws is told. */
function sourceWords({ kind, promptTokens, classes = 0 }: ModelInfo): string {
  if (kind === 'unconditional') return t('noise alone, without words')
  return kind === 'classes'
    ? t('one of {classes} classes', { classes })
    : t('words, {tokens} tokens at a time', { tokens: promptTokens ?? 0 })
}

/** Everything that is known of a model, and what can be done with it. */
export function ModelDetails({ model }: { model: ModelInfo }) {
  const { model: inUse, fields } = useForm()
  const rows = useRows(model)
  const isCheckpoint = model.kind === 'checkpoint'
  const isUsable = model.problem === undefined && (draws(model) || fieldFor(model, fields) !== undefined)
  return (
    <section
      className="mbox"
      aria-label={t('Details of {name}', { name: model.name })}
      data-region="model-details"
      data-testid="model-details"
    >
      <h2>
        <span className="grow cut">{model.name}</span>
        <IconButton label={t('Close')} small onClick={() => useModels.setState({ opened: undefined })}>
          <X size={14} strokeWidth={1.5} />
        </IconButton>
      </h2>
      {model.problem !== undefined && <p className="mwords">{model.problem}</p>}
      {model.missing === true && <FindModel key={model.id} model={model} />}
      <dl className="dl">
        {rows.map(([name, value]) => (
          <div key={`${name} ${value}`}>
            <dt>{t(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Losses model={model} />
      {model.problem === undefined && !isUsable && (
        <p className="mwords" data-testid="no-use">
          {uselessWords(model, inUse)}
        </p>
      )}
      <div className="mdo">
        {isUsable && (
          <Button small shortcut="↵" onClick={() => takeToStudio(model)} data-testid="use-model">
            {model.id === inUse?.id ? t('Go to the Studio') : t('Use in Studio')}
          </Button>
        )}
        {isCheckpoint && model.problem === undefined && (
          <Button small onClick={() => openMerging(model.id)} data-testid="merge-model">
            {t('Merge…')}
          </Button>
        )}
        {!model.embedded && (
          <Button
            small
            look="ghost"
            title={t('Takes it from the list; its files stay')}
            onClick={() => void forgetModel(model)}
            data-testid="remove-model"
          >
            {t('Remove')}
          </Button>
        )}
      </div>
    </section>
  )
}

const FEW_BITS: readonly FewBits[] = ['8 bit', '4 bit']

/** What a model that draws loses in few bits: as measured here, or a button that measures it. */
function Losses({ model }: { model: ModelInfo }) {
  const details = useDetails(model)
  const jobs = useEngine(state => state.jobs)
  if (details === undefined) return null
  return (
    <dl className="dl" data-testid="losses">
      {FEW_BITS.map(precision => {
        const loss = details.losses.find(each => each.precision === precision)
        const isMeasured = checkOf(jobs, model.id, precision) !== undefined
        return (
          <div key={precision}>
            <dt>{t('In {precision}', { precision })}</dt>
            <dd>
              {loss !== undefined ? (
                lossWords(loss)
              ) : isMeasured ? (
                t('being measured')
              ) : (
                <button
                  type="button"
                  className="link"
                  title={t('Draws a small picture twice, when nothing else waits')}
                  onClick={() => void measureLoss(model.id, precision)}
                >
                  {t('Measure the loss')}
                </button>
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
