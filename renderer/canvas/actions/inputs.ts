import { isOfKind, type SettingsByKind } from '../../../app/api/documents.ts'
import { isByNetwork, ownFinder } from '../../../app/api/pose.ts'
import { t } from '../../language/language.ts'
import type { Layer } from '../../state/api.ts'
import { controlFor, saysWhatItIs } from '../../state/control-networks.ts'
import { useEngine } from '../../state/engine.ts'
import { findersFor } from '../../state/finders.ts'
import { formNow } from '../../state/form-in-force.ts'
import type { Mode } from '../../state/mode.ts'
import { LayerRefusal } from '../../state/problem.ts'
import { isSet, useStudio } from '../../state/studio.ts'
import { isOfCanvas, paintedMask, regionPlace } from '../../state/where.ts'
import type { Size } from '../viewport.ts'
import type { ControlLayer } from './control-layers.ts'
import { hasPlaced, waitsForPlaced } from './placed-on-layer.ts'
import { renderControl, renderLayerCoverage, renderMask, renderRegion, renderWholeLayer } from './region.ts'
import { documentNow, stageIfOpen } from './stage.ts'

/** What of the engine is asked: to keep pictures. */
interface Keeper {
  readonly images: {
    keep(picture: {
      readonly file: Blob
      readonly use: 'picture' | 'mask'
      readonly canvas?: { shows: string[] }
    }): Promise<{ readonly hash: string }>
  }
}

/** What the canvas gives a run beside what the form says: the frame's picture, its mask, regions, controls. Pictures are kept by the engine, and named
 *  by their hashes; `operation` where the canvas asks for another one. @param size that the frame is worked at; absent: its own */
export async function canvasInputs(api: Keeper, mode: Mode, asked?: Size): Promise<Record<string, unknown>> {
  if (stageIfOpen() === undefined) return {}
  const { frame, layers } = documentNow()
  const size = asked ?? { width: frame.width, height: frame.height }
  const canvas = { shows: shownPictures(layers) }
  const keep = async (bytes: Uint8Array<ArrayBuffer>, use: 'picture' | 'mask') =>
    (
      await api.images.keep({
        file: new Blob([bytes], { type: 'image/png' }),
        use,
        ...(use === 'picture' && { canvas }),
      })
    ).hash
  const own = ownInput(layers)
  const others = layers.filter(layer => layer !== own?.layer)
  const steering = {
    ...(own !== undefined && (await ownInputs(own, size, keep))),
    ...(await regionsOf(layers, size, keep)),
    ...(await controlsOf(others, size, keep)),
    ...(await guidedPart(layers, size, keep)),
  }
  if (mode === 'create') return { ...steering, ...paintedWords(layers) }
  const { picture, mask } = await renderRegion(frame, size, { isExtended: mode === 'extend' })
  const image = await keep(picture, 'picture')
  if (mode === 'rework') return { ...steering, image }
  if (mask === undefined) throw new Error('There is no mask in the frame. Paint over what shall change.')
  const fill = mode === 'extend' && !isSet('fill') ? { fill: 'surroundings' } : {}
  return { ...steering, ...fill, image, mask: await keep(mask, 'mask') }
}

/** Ids of the pictures of the library that stand in layers that are seen. */
const shownPictures = (layers: readonly Layer[]): string[] => [
  ...new Set(
    layers.flatMap(({ isVisible, settings }) =>
      isVisible && 'source' in settings && settings.source !== null ? [settings.source] : [],
    ),
  ),
]

type Keep = (bytes: Uint8Array<ArrayBuffer>, use: 'picture' | 'mask') => Promise<string>

const takes = (name: string): boolean => Object.hasOwn(Object(formNow().operation?.parameters.properties), name)

/** Layers of a kind that count: seen, and with something on them. */
const seen = (layers: readonly Layer[], kind: Layer['kind']): readonly Layer[] =>
  layers.filter(
    layer => layer.kind === kind && layer.isVisible && (Object.keys(layer.tiles).length > 0 || showsPlaced(layer)),
  )

const showsPlaced = (layer: Layer): boolean => isOfKind(layer, 'control') && hasPlaced(layer.settings)

/** A layer for a pose or for bodies that nobody has placed. */
const isEmpty = (layer: Layer): boolean =>
  isOfKind(layer, 'control') &&
  layer.isVisible &&
  waitsForPlaced(layer.settings) &&
  Object.keys(layer.tiles).length === 0

/** What the model itself sees of a layer; a network finds the depth in it where the layer asks for that. */
async function ownInputs(
  { name, layer }: { readonly name: string; readonly layer: Layer },
  size: Size,
  keep: Keep,
): Promise<Record<string, unknown>> {
  const image = await keep(await renderControl(layer, size), 'picture')
  const finds = name === 'depth' && isOfKind(layer, 'control') && layer.settings.prepare === 'depth'
  return { [name]: image, ...(finds && { findDepth: true, depthFinder: finderOf(layer.settings) }) }
}

/** The network that a layer asks for; '': the first that is here, also where that one is not here any more. */
function finderOf({ prepare, finder = '' }: SettingsByKind['control']): string {
  if (prepare === undefined || !isByNetwork(prepare)) return ''
  return finder === ownFinder || findersFor(prepare).some(({ id }) => id === finder) ? finder : ''
}

/** The control layer that the model itself sees, and as what: the topmost, first of those that no ControlNet reads. */
function ownInput(layers: readonly Layer[]): { readonly name: string; readonly layer: Layer } | undefined {
  const name = ['example', 'depth'].find(takes)
  if (name === undefined) return undefined
  const controls = seen(layers, 'control').toReversed()
  const layer = controls.find(each => isOfKind(each, 'control') && each.settings.model === '') ?? controls[0]
  if (layer !== undefined) return { name, layer }
  // It finds the depth in the picture itself.
  if (name === 'depth' && findersFor('depth').length > 0) return undefined
  throw new Error(
    name === 'depth'
      ? t(
          'This model needs to know how near things are. Put a picture of it on a control layer, place 3D bodies, or add MiDaS or Depth Anything as an ONNX file in Models.',
        )
      : t('This model paints what an example shows. Put a picture of it on a control layer.'),
  )
}

/** Regions that are tied to words of the prompt ask for another way of drawing. */
function paintedWords(layers: readonly Layer[]): { operation?: string } {
  if (!takes('regions')) return {}
  const said = seen(layers, 'region').filter(layer => isOfKind(layer, 'region') && layer.settings.prompt.trim() !== '')
  const tied = said.filter(layer => isOfKind(layer, 'region') && layer.settings.isTied)
  if (tied.length === 0) return {}
  if (tied.length === said.length) return { operation: 'paint-with-words' }
  throw new Error(
    t('Regions with prompts of their own and regions tied to the prompt cannot be drawn together. Hide one kind.'),
  )
}

async function regionsOf(layers: readonly Layer[], size: Size, keep: Keep): Promise<Record<string, unknown>> {
  if (!takes('regions')) return {}
  const regions: { prompt: string; weight: number; mask: string }[] = []
  for (const layer of seen(layers, 'region')) {
    if (!('prompt' in layer.settings) || layer.settings.prompt.trim() === '') continue
    const { prompt, weight } = layer.settings
    regions.push({ prompt, weight, mask: await keep(await renderLayerCoverage(layer, size), 'mask') })
  }
  return regions.length > 0 ? { regions } : {}
}

/** Where guides act, as the form says it by a part of the canvas. */
async function guidedPart(layers: readonly Layer[], size: Size, keep: Keep): Promise<Record<string, unknown>> {
  const { guideMask: part } = useStudio.getState().draft.values
  if (!takes('guideMask') || !isOfCanvas(part)) return {}
  const region = layers.find(({ id }) => regionPlace(id) === part)
  const covered = region === undefined ? undefined : await renderLayerCoverage(region, size)
  const mask = part === paintedMask ? await renderMask(size) : covered
  if (mask !== undefined) return { guideMask: await keep(mask, 'mask') }
  throw new Error(
    part === paintedMask
      ? t('There is no mask in the frame, where the guides shall pull. Paint one, or choose “Everywhere” under Guides.')
      : t('The region where the guides shall pull is gone. Choose another one under Guides.'),
  )
}

const isIPAdapter = (model: string): boolean =>
  useEngine.getState().others.some(({ id, kind }) => id === model && kind === 'ip-adapter')

/** Refuses layers on which somebody wanted to place something, and did not. */
function refuseEmpty(layers: readonly Layer[]): void {
  const empty = layers.find(isEmpty)
  if (empty === undefined || !isOfKind(empty, 'control')) return
  const { id, name } = empty
  throw new LayerRefusal(
    id,
    empty.settings.scene !== undefined
      ? t('There is no body on "{name}": place one, or hide that layer.', { name })
      : t('There is no figure on "{name}": place one, or hide that layer.', { name }),
  )
}

/** The network that reads a layer: the chosen one, else the one that fits the model and reads what is on the layer.
 *  @throws LayerRefusal where there is none: the layer would be left out without a word */
function networkOf({ id, name, settings }: ControlLayer): string {
  if (settings.model !== '') return settings.model
  const { model } = formNow()
  const found = controlFor(settings, model, useEngine.getState().others)
  if (found !== undefined) return found.id
  throw new LayerRefusal(
    id,
    saysWhatItIs(settings)
      ? t('No ControlNet is chosen on “{name}”, and none for it fits {model}: add one in Models, or hide that layer.', {
          ...{ name, model: model?.name ?? '' },
        })
      : t('No ControlNet is chosen on “{name}”: choose one in Layers, or hide that layer.', { name }),
  )
}

async function controlsOf(layers: readonly Layer[], size: Size, keep: Keep): Promise<Record<string, unknown>> {
  if (!takes('controls')) return {}
  refuseEmpty(layers)
  const placed = seen(layers, 'control').filter(layer => isOfKind(layer, 'control'))
  // All are asked before the first is drawn.
  const read = placed.map(layer => ({ layer, model: networkOf(layer) }))
  const controls: Record<string, unknown>[] = []
  for (const { layer, model } of read) controls.push(...(await controlOf(layer, model, size, keep)))
  return controls.length > 0 ? { controls } : {}
}

/** What a network is given of a layer; nothing where an IP-Adapter would see nothing. */
async function controlOf(
  layer: ControlLayer,
  model: string,
  size: Size,
  keep: Keep,
): Promise<Record<string, unknown>[]> {
  const { weight, start, end, mode = 'balanced', prepare = 'none', resize = 'stretch', low, high } = layer.settings
  if (isIPAdapter(model)) {
    const shown = await renderWholeLayer(layer)
    return shown === undefined ? [] : [{ model, image: await keep(shown, 'picture'), weight, start, end }]
  }
  const image = await keep(await renderControl(layer, size), 'picture')
  const edges = { ...(low !== undefined && { low }), ...(high !== undefined && { high }) }
  const finder = finderOf(layer.settings)
  return [{ model, image, weight, start, end, mode, prepare, finder, ...edges, resize }]
}
