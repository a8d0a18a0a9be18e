import { TriangleAlert } from 'lucide-react'
import type { SettingsByKind } from '../../../app/api/documents.ts'
import { Button } from '../../components/Button.tsx'
import { t } from '../../language/language.ts'
import { familyWords } from '../../state/additions.ts'
import type { ModelInfo } from '../../state/api.ts'
import { controlFits, controlFor, insteadOf } from '../../state/control-networks.ts'
import { useForm } from '../../state/form-in-force.ts'
import { Choice } from './Choice.tsx'

interface Props {
  readonly settings: SettingsByKind['control']
  readonly title: string
  readonly networks: readonly ModelInfo[]
  readonly onChange: (id: string) => void
}

/** Which network reads the layer: those that fit the model first, the others with what they are made for. */
export function NetworkChoice({ title, networks, settings, onChange }: Props) {
  const { model, operation } = useForm()
  const fits = (each: ModelInfo) => controlFits(each, model)
  const chosen = networks.find(({ id }) => id === settings.model)
  // Some models see such a layer themselves.
  const isSeen = ['example', 'depth'].some(name => Object.hasOwn(Object(operation?.parameters.properties), name))
  const own = isSeen ? undefined : controlFor(settings, model, networks)
  return (
    <>
      <Choice
        id="control-model"
        title={title}
        value={settings.model}
        choices={[
          { value: '', label: own ? t('The fitting one: {name}', { name: own.name }) : noneOf(networks) },
          ...networks.filter(fits).map(({ id, name }) => ({ value: id, label: name })),
          ...networks
            .filter(each => !fits(each))
            .map(each => ({ value: each.id, label: `${each.name} · ${madeFor(each)}`, isDimmed: true })),
        ]}
        onChange={onChange}
      />
      {chosen !== undefined && !fits(chosen) && (
        <Unfit chosen={chosen} instead={insteadOf(chosen, settings, model, networks)} take={onChange} />
      )}
    </>
  )
}

const noneOf = (networks: readonly ModelInfo[]): string =>
  networks.length === 0 ? t('None on this computer yet') : t('Choose one')

const madeFor = (network: ModelInfo): string => {
  const family = familyWords(network)
  return family === undefined ? t('for other models') : t('for {family}', { family })
}

interface UnfitProps {
  readonly chosen: ModelInfo
  readonly instead: ModelInfo | undefined
  readonly take: (id: string) => void
}

/** Says that the chosen network was made for other models, and offers the one that fits. */
function Unfit({ chosen, instead, take }: UnfitProps) {
  return (
    <div className="control-unfit" role="status" data-testid="control-unfit">
      <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
      <span>{t('It does not fit: it is {family}.', { family: madeFor(chosen) })}</span>
      {instead !== undefined && (
        <Button small onClick={() => take(instead.id)} data-testid="control-instead">
          {t('Take “{name}”', { name: instead.name })}
        </Button>
      )}
    </div>
  )
}
