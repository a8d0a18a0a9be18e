import { Move, MoveVertical, RotateCw, Scaling } from 'lucide-react'
import { type ComponentType, type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react'
import { type Body, type BodyShape, drawBodies, hullOf, outlinesOf, type Scene } from '../../app/api/bodies.ts'
import type { StudioDocument } from '../../app/api/documents.ts'
import { t } from '../language/language.ts'
import { useTools } from '../state/tools.ts'
import {
  bodiesLayerOf,
  changeBody,
  dragBody,
  inItsPlane,
  isOfBodies,
  movedBy,
  removeBody,
  scaledBy,
  sceneOf,
  settleScene,
  turnedBy,
  useBodies,
  walkBodies,
} from './actions/bodies.ts'
import { activeOf, useCanvas } from './actions/canvas-state.ts'
import { arrowSteps, type ControlLayer } from './actions/control-layers.ts'
import type { Rectangle } from './raster/rectangle.ts'
import { onScreen, type Point, sizeWithin, type View } from './viewport.ts'

interface Props {
  readonly document: StudioDocument
  readonly view: View
}

/** The bodies of all layers that are seen, as lines; those of one are shown as their depth and taken by the hand while its tool is. */
export function Bodies({ document, view }: Props) {
  const tool = useTools(state => state.held ?? state.tool)
  const active = useCanvas(state => activeOf(document.layers, state.active))
  useBodies()
  const edited = tool === 'bodies' ? bodiesLayerOf(document.layers, active) : undefined
  const layers = document.layers.filter(isOfBodies).filter(({ isVisible }) => isVisible)
  if (layers.length === 0) return null
  return (
    <>
      {layers.map(layer =>
        layer.id === edited?.id ? (
          <Editor key={layer.id} layer={layer} view={view} frame={document.frame} />
        ) : (
          <svg key={layer.id} className="poses bodies" aria-hidden="true">
            {sceneOf(layer).bodies.map((body, k) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: bodies have no other name
              <Lines key={k} body={body} scene={sceneOf(layer)} view={view} />
            ))}
          </svg>
        ),
      )}
    </>
  )
}

/** Pixels of the longer side of the depth under the hand: it follows at once. */
const QUICK = 256

/** How near everything is, in the frame. */
function Depth({ scene, frame, view }: { readonly scene: Scene; readonly frame: Rectangle; readonly view: View }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { width, height } = sizeWithin(frame, QUICK)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    const { data } = drawBodies(scene, frame, { width, height })
    const shown = new ImageData(width, height)
    for (let k = 0; k < width * height; k++) {
      shown.data.set(data.subarray(k * 3, k * 3 + 3), k * 4)
      shown.data[k * 4 + 3] = 255
    }
    context.putImageData(shown, 0, 0)
  }, [scene, frame, width, height])
  return <canvas ref={canvas} className="body-depth" width={width} height={height} style={onScreen(frame, view)} />
}

const pointOnScreen = ({ x, y }: Point, view: View): Point => ({
  x: view.x + x * view.scale,
  y: view.y + y * view.scale,
})
const pathOf = (points: readonly Point[]): string => points.map(({ x, y }) => `${x},${y}`).join(' ')

function Lines({ body, scene, view }: { readonly body: Body; readonly scene: Scene; readonly view: View }) {
  return outlinesOf(body, scene).map((line, k) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
    <polyline key={k} points={pathOf(line.map(point => pointOnScreen(point, view)))} />
  ))
}

/** What the hand does with a body. */
type Hold = 'move' | 'depth' | 'turn' | 'size'

const EDITS: Readonly<Record<Hold, string>> = {
  move: 'Move body',
  depth: 'Move body',
  turn: 'Turn body',
  size: 'Scale body',
}

interface EditorProps {
  readonly layer: ControlLayer
  readonly view: View
  readonly frame: Rectangle
}

function Editor({ layer, view, frame }: EditorProps) {
  const chosen = useBodies(state => state.chosen)
  const scene = sceneOf(layer)
  const drag = useDrag(layer, view)
  // What is farther lies below; a floor lies below all.
  const order = scene.bodies
    .map((body, place) => ({ body, place }))
    .toSorted(
      (a, b) => Number(b.body.shape === 'floor') - Number(a.body.shape === 'floor') || b.body.at[2] - a.body.at[2],
    )
  const selected = chosen === undefined ? undefined : scene.bodies[chosen]
  return (
    <>
      <Depth scene={scene} frame={frame} view={view} />
      <svg
        className="poses bodies edited"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: bodies are walked with keys here
        tabIndex={0}
        role="application"
        aria-label={describe(scene, chosen)}
        onKeyDown={keys}
        data-testid="bodies"
        data-keys="own"
      >
        {order.map(({ body, place }) => {
          const points = outlinesOf(body, scene).flat()
          const hull = hullOf(points.map(point => pointOnScreen(point, view)))
          return (
            <g
              key={place}
              className={place === chosen ? 'body chosen' : 'body'}
              data-handle
              data-testid={`body-${place}`}
              {...drag(place, event => (event.shiftKey ? 'depth' : 'move'))}
            >
              <title>{t(SHAPES[body.shape])}</title>
              <polygon points={pathOf(hull)} className="hold" />
              <Lines body={body} scene={scene} view={view} />
            </g>
          )
        })}
        {selected !== undefined && chosen !== undefined && (
          <Handles body={selected} scene={scene} view={view} drag={how => drag(chosen, () => how)} />
        )}
      </svg>
    </>
  )
}

type Handlers = Pick<React.SVGProps<SVGGElement>, 'onPointerDown' | 'onPointerMove' | 'onPointerUp'>

interface Dragged {
  readonly how: Hold
  readonly body: Body
  readonly from: Point
  readonly middle: Point
}

/** Degrees that a pixel of the hand turns. */
const TURN = 0.5

/** Takes bodies by the hand. */
function useDrag(layer: ControlLayer, view: View) {
  const dragged = useRef<Dragged>(undefined)
  const scene = sceneOf(layer)
  return (place: number, how: (event: PointerEvent) => Hold): Handlers => ({
    onPointerDown: event => {
      const body = scene.bodies[place]
      if (body === undefined || event.button !== 0) return
      event.stopPropagation()
      event.currentTarget.setPointerCapture(event.pointerId)
      event.currentTarget.ownerSVGElement?.focus({ preventScroll: true })
      const box = event.currentTarget.ownerSVGElement?.getBoundingClientRect()
      const { x, y } = middleOf(body, scene, view)
      dragged.current = {
        ...{ how: how(event), body, from: { x: event.clientX, y: event.clientY } },
        middle: { x: x + (box?.left ?? 0), y: y + (box?.top ?? 0) },
      }
      useBodies.setState({ chosen: place })
    },
    onPointerMove: event => {
      const now = dragged.current
      if (now !== undefined) dragBody(layer, place, () => under(event, now, scene, view))
    },
    onPointerUp: () => {
      const now = dragged.current
      dragged.current = undefined
      if (now !== undefined) settleScene(layer, EDITS[now.how])
    },
  })
}

/** A body as the hand has it now. */
function under(event: PointerEvent, { how, body, from, middle }: Dragged, scene: Scene, view: View): Body {
  const [x, y] = [event.clientX - from.x, event.clientY - from.y]
  if (how === 'move') return movedBy(body, inItsPlane(body, scene, { x: x / view.scale, y: y / view.scale }))
  if (how === 'depth') return movedBy(body, [0, 0, -y / view.scale])
  if (how === 'size') {
    const before = Math.hypot(from.x - middle.x, from.y - middle.y)
    return scaledBy(body, Math.hypot(event.clientX - middle.x, event.clientY - middle.y) / Math.max(before, 1))
  }
  return turnedBy(body, event.shiftKey ? [0, 0, x * TURN] : [-x * TURN, y * TURN, 0])
}

const middleOf = (body: Body, scene: Scene, view: View): Point => {
  const points = outlinesOf(body, scene)
    .flat()
    .map(point => pointOnScreen(point, view))
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)]
  return { x: (Math.min(...xs) + Math.max(...xs)) / 2, y: (Math.min(...ys) + Math.max(...ys)) / 2 }
}

const HANDLES: readonly (readonly [
  Hold,
  string,
  ComponentType<{ size: number; strokeWidth: number; x: number; y: number }>,
])[] = [
  ['move', 'Move', Move],
  ['turn', 'Turn', RotateCw],
  ['depth', 'Nearer or away', MoveVertical],
  ['size', 'Scale', Scaling],
]
/** Pixels from handle to handle, and of half a handle. */
const APART = 34
const HALF = 13
const ICON = 14
/** Handles stay this far within the stage. */
const EDGE = 60

interface HandlesProps extends Omit<Props, 'document'> {
  readonly body: Body
  readonly scene: Scene
  readonly drag: (how: Hold) => Handlers
}

/** What a body is turned, scaled and brought nearer by, in a row above it. */
function Handles({ body, scene, view, drag }: HandlesProps) {
  const ys = outlinesOf(body, scene)
    .flat()
    .map(point => pointOnScreen(point, view).y)
  const top = Math.max(EDGE + HALF, Math.min(...ys) - HALF * 2)
  const { x } = middleOf(body, scene, view)
  return HANDLES.map(([how, title, Icon], k) => {
    const left = x + (k - (HANDLES.length - 1) / 2) * APART
    return (
      <g key={how} className="body-handle" data-handle data-testid={`body-${how}`} {...drag(how)}>
        <title>{t(title)}</title>
        <circle cx={left} cy={top} r={HALF} />
        <Icon size={ICON} strokeWidth={1.75} x={left - ICON / 2} y={top - ICON / 2} />
      </g>
    )
  })
}

export const SHAPES: Readonly<Record<BodyShape, string>> = {
  box: 'Box',
  ball: 'Ball',
  cylinder: 'Cylinder',
  cone: 'Cone',
  floor: 'Floor',
}

function describe({ bodies }: Scene, chosen: number | undefined): string {
  const count = t('{count} bodies', { count: bodies.length })
  const body = chosen === undefined ? undefined : bodies[chosen]
  if (body === undefined) return t('3D bodies, {count}. Page Down chooses one.', { count })
  const [x, y, z] = body.at.map(Math.round)
  return t('3D bodies, {count}, {shape} at {place}', { count, shape: t(SHAPES[body.shape]), place: `${x}, ${y}, ${z}` })
}

/** Degrees, and a share of the size, that a key changes. */
const KEY = { turn: 5, scale: 1.05, more: 10 }

function keys(event: KeyboardEvent): void {
  const arrow = arrowSteps[event.key]
  const step = event.shiftKey ? KEY.more : 1
  if (arrow !== undefined) {
    const [x, y] = [arrow[0] * step, arrow[1] * step]
    if (event.altKey) changeBody(body => turnedBy(body, [-arrow[0] * KEY.turn, -arrow[1] * KEY.turn, 0]), EDITS.turn)
    else if (event.ctrlKey || event.metaKey) changeBody(body => movedBy(body, [0, 0, -y * KEY.more]), EDITS.depth)
    else changeBody(body => movedBy(body, [x, y, 0]), EDITS.move)
  } else if (event.key === '+') changeBody(body => scaledBy(body, KEY.scale), EDITS.size)
  else if (event.key === '-') changeBody(body => scaledBy(body, 1 / KEY.scale), EDITS.size)
  else if (event.key === 'PageDown') walkBodies(1)
  else if (event.key === 'PageUp') walkBodies(-1)
  else if (event.key === 'Delete') removeBody()
  else return
  event.preventDefault()
  event.stopPropagation()
}
