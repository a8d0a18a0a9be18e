import { ChevronDown, Copy, Layers2, Trash2 } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { BlendMode, Layer } from '../../../app/api/documents.ts'
import {
  blendName,
  duplicateLayer,
  mergeDown,
  mergePartner,
  removeLayer,
  scrubLayer,
  setBlend,
} from '../../canvas/actions/layers.ts'
import { IconButton } from '../../components/IconButton.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { t } from '../../language/language.ts'

const BLENDS: readonly BlendMode[] = [
  'normal',
  'multiply',
  'darken',
  'color-burn',
  'screen',
  'lighten',
  'color-dodge',
  'overlay',
  'soft-light',
  'hard-light',
  'difference',
  'exclusion',
  'hue',
  'saturation',
  'color',
  'luminosity',
]

/** How the chosen layer is laid over those below it. */
export function LayerLook({ layer }: { readonly layer: Layer }) {
  const percent = Math.round(layer.opacity * 100)
  const partner = mergePartner(layer.id)
  const outside = { sentence: t('Opacity goes from 0 to 100 %.') }
  const label = `Opacity of ${layer.name}`
  return (
    <>
      <div className="layer-look">
        <NumberField
          name="layer-opacity"
          title={t('Opacity')}
          unit="%"
          value={percent}
          minimum={0}
          maximum={100}
          step={1}
          check={next => (next !== undefined && next >= 0 && next <= 100 ? undefined : outside)}
          onChange={next => scrubLayer(layer.id, { opacity: next / 100 }, label)}
          onReset={() => scrubLayer(layer.id, { opacity: 1 }, label)}
        />
        <Blend layer={layer} />
      </div>
      <div className="layer-does">
        <IconButton label={t('Duplicate')} onClick={() => duplicateLayer(layer.id)} data-testid="duplicate-layer">
          <Copy size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton
          label={t('Merge down')}
          unavailable={partner === undefined ? t('There is no layer below that it can be merged with.') : undefined}
          onClick={() => mergeDown(layer.id)}
          data-testid="merge-down"
        >
          <Layers2 size={16} strokeWidth={1.5} />
        </IconButton>
        <IconButton
          label={t('Delete')}
          unavailable={layer.isLocked ? t('It is locked.') : undefined}
          onClick={() => removeLayer(layer.id)}
          data-testid="delete-layer"
        >
          <Trash2 size={16} strokeWidth={1.5} />
        </IconButton>
      </div>
    </>
  )
}

function Blend({ layer }: { readonly layer: Layer }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        className="field"
        aria-label={t('Blend mode: {name}', { name: blendName(layer.blend) })}
        data-testid="blend"
      >
        <span className="cut grow">{blendName(layer.blend)}</span>
        <ChevronDown size={14} strokeWidth={1.5} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="pop list" align="end" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.RadioGroup
            value={layer.blend}
            onValueChange={next => {
              const blend = BLENDS.find(each => each === next)
              if (blend !== undefined) setBlend(layer.id, blend)
            }}
          >
            {BLENDS.map(blend => (
              <DropdownMenu.RadioItem key={blend} value={blend} className="list-item">
                <span className="name">{blendName(blend)}</span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}
