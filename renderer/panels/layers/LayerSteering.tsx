import type { Layer } from '../../../app/api/documents.ts'
import { isOfKind } from '../../../app/api/documents.ts'
import { scrubLayer } from '../../canvas/actions/layers.ts'
import { Growing } from '../../components/Growing.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { t } from '../../language/language.ts'
import { useEngine } from '../../state/engine.ts'

/** What a layer that steers the drawing says: the words of a region, the ControlNet of a control. */
export function LayerSteering({ layer }: { readonly layer: Layer }) {
  if (isOfKind(layer, 'region')) return <RegionFields layer={layer} settings={layer.settings} />
  if (isOfKind(layer, 'control')) return <ControlFields layer={layer} settings={layer.settings} />
  return null
}

interface RegionProps {
  readonly layer: Layer
  readonly settings: { readonly prompt: string; readonly weight: number }
}

function RegionFields({ layer, settings }: RegionProps) {
  const set = (change: Partial<RegionProps['settings']>) =>
    scrubLayer(layer.id, { settings: { ...settings, ...change } }, `Region ${layer.name}`)
  return (
    <div className="stack layer-steering">
      <label className="t12 t2" htmlFor="region-prompt">
        {t('What is drawn where it is painted')}
      </label>
      <Growing
        id="region-prompt"
        className="field ptext"
        lines={4}
        placeholder={t('a lighthouse')}
        value={settings.prompt}
        onChange={event => set({ prompt: event.target.value })}
        data-testid="region-prompt"
      />
      <Share title={t('Weight')} value={settings.weight} most={1} onChange={weight => set({ weight })} />
    </div>
  )
}

interface ControlProps {
  readonly layer: Layer
  readonly settings: { readonly model: string; readonly weight: number; readonly start: number; readonly end: number }
}

function ControlFields({ layer, settings }: ControlProps) {
  const networks = useEngine(state => state.others).filter(
    ({ kind }) => kind === 'controlnet' || kind === 't2i-adapter',
  )
  const set = (change: Partial<ControlProps['settings']>) =>
    scrubLayer(layer.id, { settings: { ...settings, ...change } }, `Control ${layer.name}`)
  return (
    <div className="stack layer-steering">
      <label className="t12 t2" htmlFor="control-model">
        {t('ControlNet')}
      </label>
      <select
        id="control-model"
        className="field"
        value={settings.model}
        onChange={event => set({ model: event.target.value })}
        data-testid="control-model"
      >
        <option value="">{networks.length === 0 ? t('None on this computer yet') : t('Choose one')}</option>
        {networks.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <Share title={t('Weight')} value={settings.weight} most={2} onChange={weight => set({ weight })} />
      <Share title={t('From')} value={settings.start} most={1} onChange={start => set({ start })} />
      <Share title={t('Until')} value={settings.end} most={1} onChange={end => set({ end })} />
    </div>
  )
}

interface ShareProps {
  readonly title: string
  readonly value: number
  readonly most: number
  readonly onChange: (value: number) => void
}

/** A share in percent. */
function Share({ title, value, most, onChange }: ShareProps) {
  const percent = Math.round(value * 100)
  const outside = {
    sentence: t('{title} goes from {minimum} to {maximum}.', { title, minimum: 0, maximum: `${most * 100} %` }),
  }
  return (
    <NumberField
      name={`steering-${title.toLowerCase()}`}
      title={title}
      unit="%"
      value={percent}
      minimum={0}
      maximum={most * 100}
      step={1}
      check={next => (next !== undefined && next >= 0 && next <= most * 100 ? undefined : outside)}
      onChange={next => onChange(next / 100)}
      onReset={() => onChange(1)}
    />
  )
}
