import { Box, FileImage, PersonStanding, Image as Picture } from 'lucide-react'
import { useRef } from 'react'
import { isOfKind, type Layer, type SettingsByKind } from '../../../app/api/documents.ts'
import {
  type ControlMode,
  type ControlResize,
  controlModes,
  controlResizes,
  isByNetwork,
  type NetworkPreparation,
  ownFinder,
  type Preparation,
  postures,
  preparationNames,
} from '../../../app/api/pose.ts'
import { beginBodies } from '../../canvas/actions/bodies.ts'
import { takePicture } from '../../canvas/actions/control-picture.ts'
import { scrubLayer } from '../../canvas/actions/layers.ts'
import { addFigure } from '../../canvas/actions/poses.ts'
import { Button } from '../../components/Button.tsx'
import { NumberField } from '../../components/NumberField.tsx'
import { PICTURE_TYPES } from '../../files/kinds.ts'
import { openOnControl } from '../../files/open-control.ts'
import { t } from '../../language/language.ts'
import { controlsAmong } from '../../state/control-networks.ts'
import { useEngine } from '../../state/engine.ts'
import { findersFor } from '../../state/finders.ts'
import { takeTool } from '../../state/tools.ts'
import { Choice } from './Choice.tsx'
import { ControlPreview } from './ControlPreview.tsx'
import { NetworkChoice } from './NetworkChoice.tsx'
import { Share } from './Share.tsx'

interface Props {
  readonly layer: Layer
  readonly settings: SettingsByKind['control']
}

const PREPARATIONS: Readonly<Record<Preparation, string>> = {
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
const EDGES = { low: 100, high: 200, most: 2040, soft: 600 }
const MODES: Readonly<Record<ControlMode, string>> = {
  balanced: 'Prompt and control alike',
  prompt: 'The prompt more',
  control: 'The control more',
}

const RESIZES: Readonly<Record<ControlResize, string>> = {
  fill: 'All of it, cut to fill the frame',
  fit: 'All of it, inside the frame, black around',
  stretch: 'All of it, stretched to the frame',
}

type Change = (change: Partial<Props['settings']>) => void

/** What a control layer holds the picture to: which model reads it, what is made of it, how strongly and when it acts. */
export function ControlFields({ layer, settings }: Props) {
  const networks = controlsAmong(useEngine(state => state.others))
  const set: Change = change => scrubLayer(layer.id, { settings: { ...settings, ...change } }, `Control ${layer.name}`)
  const kind = networks.find(({ id }) => id === settings.model)?.kind
  // An IP-Adapter looks at what the picture shows, whatever it is.
  const isImagePrompt = kind === 'ip-adapter'
  return (
    <div className="stack layer-steering">
      <NetworkChoice
        title={isImagePrompt ? t('IP-Adapter') : t('ControlNet')}
        {...{ networks, settings }}
        onChange={model => set({ model })}
      />
      {isImagePrompt ? (
        <>
          <p className="note">{t('The picture says what the result looks like, as words do.')}</p>
          <div className="row">
            <TakePicture layer={layer} />
          </div>
        </>
      ) : (
        <Placed layer={layer} settings={settings} set={set} />
      )}
      {(kind === undefined || kind === 'controlnet') && (
        <Choice
          id="control-mode"
          title={t('Who decides')}
          value={settings.mode ?? 'balanced'}
          choices={controlModes.map(mode => ({ value: mode, label: t(MODES[mode]) }))}
          onChange={mode => set({ mode })}
        />
      )}
      <Share title={t('Weight')} value={settings.weight} most={2} onChange={weight => set({ weight })} />
      <Share title={t('From')} value={settings.start} most={1} onChange={start => set({ start })} />
      <Share title={t('Until')} value={settings.end} most={1} onChange={end => set({ end })} />
    </div>
  )
}

/** What is made of a layer that says where things are, and how that looks. */
function Placed({ layer, settings, set }: Props & { readonly set: Change }) {
  const { prepare = 'none', figures, scene } = settings
  // Bodies are a depth picture already; no network has to look for one.
  const ways = preparationNames.filter(way => scene === undefined || !isByNetwork(way))
  const hasEdges = prepare === 'edges' || prepare === 'scribble'
  return (
    <>
      {figures === undefined && (
        <Choice
          id="control-prepare"
          title={t('What is made of the layer')}
          value={prepare}
          choices={ways.map(way => ({ value: way, label: t(PREPARATIONS[way]) }))}
          onChange={next => set({ prepare: next })}
        />
      )}
      {isByNetwork(prepare) && (
        <Finder what={prepare} value={settings.finder ?? ''} onChange={finder => set({ finder })} />
      )}
      {hasEdges && <Threshold title={t('Faint edges from')} name="low" settings={settings} set={set} />}
      {hasEdges && <Threshold title={t('Sure edges from')} name="high" settings={settings} set={set} />}
      {figures === undefined && scene === undefined && (
        <Choice
          id="control-resize"
          title={t('How it comes to the frame')}
          value={settings.resize ?? 'lies'}
          choices={[
            { value: 'lies', label: t('As it lies') },
            ...controlResizes.map(way => ({ value: way, label: t(RESIZES[way]) })),
          ]}
          onChange={way => set({ resize: way === 'lies' ? undefined : way })}
        />
      )}
      <ControlPreview layer={layer} />
      <div className="row">
        <TakePicture layer={layer} />
        <Button
          small
          look="ghost"
          onClick={() => {
            takeTool('pose')
            if (figures === undefined || figures.length === 0) addFigure(postures[0])
          }}
          data-testid="control-pose"
        >
          <PersonStanding size={14} strokeWidth={1.5} aria-hidden="true" />
          {figures === undefined ? t('Place a figure') : t('Pose')}
        </Button>
        <Button
          small
          look="ghost"
          onClick={() => {
            takeTool('bodies')
            if (isOfKind(layer, 'control')) beginBodies(layer)
          }}
          data-testid="control-bodies"
        >
          <Box size={14} strokeWidth={1.5} aria-hidden="true" />
          {scene === undefined ? t('Place bodies') : t('3D bodies')}
        </Button>
      </div>
      {scene?.bodies.length === 0 && <p className="note">{t('There is no body here yet: place one first.')}</p>}
      {figures?.length === 0 && <p className="note">{t('There is no figure here yet: place one first.')}</p>}
    </>
  )
}

/** Where the picture of a layer comes from: the layers below, or a file. */
function TakePicture({ layer }: { readonly layer: Layer }) {
  const file = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button small look="ghost" onClick={() => takePicture(layer)} data-testid="control-take">
        <Picture size={14} strokeWidth={1.5} aria-hidden="true" />
        {t('Take the picture')}
      </Button>
      <Button small look="ghost" onClick={() => file.current?.click()} data-testid="control-open">
        <FileImage size={14} strokeWidth={1.5} aria-hidden="true" />
        {t('Open a file …')}
      </Button>
      <input
        ref={file}
        type="file"
        accept={PICTURE_TYPES}
        hidden
        data-testid="control-file"
        onChange={event => {
          const [chosen] = event.target.files ?? []
          event.target.value = ''
          if (chosen !== undefined) void openOnControl(layer, chosen)
        }}
      />
    </>
  )
}

interface FinderProps {
  readonly what: NetworkPreparation
  readonly value: string
  readonly onChange: (finder: string | undefined) => void
}

/** Which network looks, where there are several. */
function Finder({ what, value, onChange }: FinderProps) {
  const others = useEngine(state => state.others)
  const brought = findersFor(what, others)
  const [first] = brought
  if (first === undefined && what === 'depth') {
    return (
      <p className="note" data-testid="control-finder-none">
        {t('No network for depth is on this computer: add MiDaS or Depth Anything as an ONNX file in Models.')}
      </p>
    )
  }
  const own = { value: ownFinder, label: t('The one that comes with Sfumato') }
  if (first === undefined) return null
  return (
    <Choice
      id="control-finder"
      title={t('Network that looks')}
      value={value}
      choices={[
        { value: '', label: t('The first: {name}', { name: first.name }) },
        ...brought.map(({ id, name }) => ({ value: id, label: name })),
        ...(what === 'pose' ? [own] : []),
      ]}
      onChange={next => onChange(next === '' ? undefined : next)}
    />
  )
}

interface ThresholdProps {
  readonly title: string
  readonly name: 'low' | 'high'
  readonly settings: Props['settings']
  readonly set: Change
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
