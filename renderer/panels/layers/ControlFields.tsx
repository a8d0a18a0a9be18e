import { PersonStanding, Image as Picture } from 'lucide-react'
import type { Layer, SettingsByKind } from '../../../app/api/documents.ts'
import { type ControlMode, controlModes, type Preparation, postures, preparationNames } from '../../../app/api/pose.ts'
import { takePicture } from '../../canvas/actions/control-picture.ts'
import { scrubLayer } from '../../canvas/actions/layers.ts'
import { addFigure } from '../../canvas/actions/poses.ts'
import { Button } from '../../components/Button.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { t } from '../../language/language.ts'
import { useEngine } from '../../state/engine.ts'
import { takeTool } from '../../state/tools.ts'
import { ControlPreview } from './ControlPreview.tsx'
import { Share } from './Share.tsx'

type Way = Preparation | 'pose' | 'depth'

interface Props {
  readonly layer: Layer
  readonly settings: SettingsByKind['control']
}

const PREPARATIONS: Readonly<Record<Way, string>> = {
  none: 'It is a control picture already',
  edges: 'Edges',
  'soft edges': 'Soft edges',
  scribble: 'Scribble',
  lines: 'Lines of a drawing',
  tile: 'Coarse copy (tile)',
  shuffle: 'Colours without forms (shuffle)',
  colours: 'Squares of colour',
  normals: 'Directions of surfaces, from depth',
  pose: 'Pose of the character in it',
  depth: 'Depth of any picture',
}
const ways: readonly Way[] = [...preparationNames, 'pose', 'depth']
const EDGES = { low: 100, high: 200, most: 2040, soft: 600 }
const isOfControls = ({ kind }: { readonly kind: string }) =>
  kind === 'controlnet' || kind === 't2i-adapter' || kind === 'ip-adapter'

/** What a control layer holds the picture to: which model reads it, what is made of it, how strongly and when it acts. */
export function ControlFields({ layer, settings }: Props) {
  const others = useEngine(state => state.others)
  const networks = others.filter(isOfControls)
  const set = (change: Partial<Props['settings']>) =>
    scrubLayer(layer.id, { settings: { ...settings, ...change } }, `Control ${layer.name}`)
  const { prepare = 'none', figures } = settings
  // An IP-Adapter looks at what the picture shows, whatever it is.
  const kind = networks.find(({ id }) => id === settings.model)?.kind
  const isNet = kind === undefined || kind === 'controlnet'
  const isImagePrompt = kind === 'ip-adapter'
  const hasEdges = !isImagePrompt && (prepare === 'edges' || prepare === 'scribble')
  return (
    <div className="stack layer-steering">
      <label className="t12 t2" htmlFor="control-model">
        {isImagePrompt ? t('IP-Adapter') : t('ControlNet')}
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
      {isImagePrompt && <p className="note">{t('The picture says what the result looks like, as words do.')}</p>}
      {figures === undefined && !isImagePrompt && (
        <>
          <label className="t12 t2" htmlFor="control-prepare">
            {t('What is made of the layer')}
          </label>
          <select
            id="control-prepare"
            className="field"
            value={prepare}
            onChange={event => set({ prepare: ways.find(each => each === event.target.value) })}
            data-testid="control-prepare"
          >
            {ways.map(each => (
              <option key={each} value={each}>
                {t(PREPARATIONS[each])}
              </option>
            ))}
          </select>
        </>
      )}
      {hasEdges && <Threshold title={t('Faint edges from')} name="low" settings={settings} set={set} />}
      {hasEdges && <Threshold title={t('Sure edges from')} name="high" settings={settings} set={set} />}
      {!isImagePrompt && <ControlPreview layer={layer} />}
      <div className="row">
        <Button small look="ghost" onClick={() => takePicture(layer)} data-testid="control-take">
          <Picture size={14} strokeWidth={1.5} aria-hidden="true" />
          {t('Take the picture')}
        </Button>
        {!isImagePrompt && (
          <Button
            small
            look="ghost"
            onClick={() => {
              takeTool('pose')
              if (figures?.length === 0 || figures === undefined) addFigure(postures[0])
            }}
            data-testid="control-pose"
          >
            <PersonStanding size={14} strokeWidth={1.5} aria-hidden="true" />
            {figures === undefined ? t('Place a figure') : t('Pose')}
          </Button>
        )}
      </div>
      {!isImagePrompt && figures?.length === 0 && (
        <p className="note">{t('There is no figure here yet: place one first.')}</p>
      )}
      {isNet && <Mode mode={settings.mode ?? 'balanced'} onChange={mode => set({ mode })} />}
      <Share title={t('Weight')} value={settings.weight} most={2} onChange={weight => set({ weight })} />
      <Share title={t('From')} value={settings.start} most={1} onChange={start => set({ start })} />
      <Share title={t('Until')} value={settings.end} most={1} onChange={end => set({ end })} />
    </div>
  )
}

const MODES: Readonly<Record<ControlMode, string>> = {
  balanced: 'Prompt and control alike',
  prompt: 'The prompt more',
  control: 'The control more',
}

/** How the control and the prompt share what is said. */
function Mode({ mode, onChange }: { readonly mode: ControlMode; readonly onChange: (mode: ControlMode) => void }) {
  return (
    <>
      <label className="t12 t2" htmlFor="control-mode">
        {t('Who decides')}
      </label>
      <select
        id="control-mode"
        className="field"
        value={mode}
        onChange={event => onChange(controlModes.find(each => each === event.target.value) ?? 'balanced')}
        data-testid="control-mode"
      >
        {controlModes.map(each => (
          <option key={each} value={each}>
            {t(MODES[each])}
          </option>
        ))}
      </select>
    </>
  )
}

interface ThresholdProps {
  readonly title: string
  readonly name: 'low' | 'high'
  readonly settings: Props['settings']
  readonly set: (change: Partial<Props['settings']>) => void
}

/** How strong a change of brightness must be to count; the preview follows at once. */
function Threshold({ title, name, settings, set }: ThresholdProps) {
  const outside = {
    sentence: t('{title} goes from {minimum} to {maximum}.', { title, minimum: 0, maximum: EDGES.most }),
  }
  return (
    <NumberField
      name={`control-${name}`}
      title={title}
      value={settings[name] ?? EDGES[name]}
      own={EDGES[name]}
      minimum={0}
      maximum={EDGES.most}
      softMaximum={EDGES.soft}
      step={5}
      check={next => (next !== undefined && next >= 0 && next <= EDGES.most ? undefined : outside)}
      onChange={next => set({ [name]: next })}
      onReset={() => set({ [name]: undefined })}
    />
  )
}
