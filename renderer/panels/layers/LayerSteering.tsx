import type { Layer } from '../../../app/api/documents.ts'
import { isOfKind } from '../../../app/api/documents.ts'
import { scrubLayer } from '../../canvas/actions/layers.ts'
import { Growing } from '../../components/Growing.tsx'
import { t } from '../../language/language.ts'
import { ControlFields } from './ControlFields.tsx'
import { Share } from './Share.tsx'

/** What a layer that steers the drawing says: the words of a region, the ControlNet of a control. */
export function LayerSteering({ layer }: { readonly layer: Layer }) {
  if (isOfKind(layer, 'region')) return <RegionFields layer={layer} settings={layer.settings} />
  if (isOfKind(layer, 'control')) return <ControlFields layer={layer} settings={layer.settings} />
  return null
}

interface RegionProps {
  readonly layer: Layer
  readonly settings: { readonly prompt: string; readonly weight: number; readonly isTied?: boolean | undefined }
}

function RegionFields({ layer, settings }: RegionProps) {
  const set = (change: Partial<RegionProps['settings']>) =>
    scrubLayer(layer.id, { settings: { ...settings, ...change } }, `Region ${layer.name}`)
  return (
    <div className="stack layer-steering">
      <label className="t12 t2" htmlFor="region-prompt">
        {settings.isTied ? t('Words of the prompt that are drawn here') : t('What is drawn where it is painted')}
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
      <label className="words-only">
        <input
          type="checkbox"
          checked={settings.isTied ?? false}
          onChange={event => set({ isTied: event.target.checked })}
          data-testid="region-tied"
        />
        {t('Tie to words of the prompt')}
      </label>
      <Share title={t('Weight')} value={settings.weight} most={1} onChange={weight => set({ weight })} />
    </div>
  )
}
