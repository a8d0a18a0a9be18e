import { type KeyboardEvent, type PointerEvent, useRef } from 'react'
import type { StudioDocument } from '../../app/api/documents.ts'
import { bones, type Figure, jointAt, jointColours, jointNames } from '../../app/api/pose.ts'
import { t } from '../language/language.ts'
import { useTools } from '../state/tools.ts'
import { activeOf, useCanvas } from './actions/canvas-state.ts'
import { arrowSteps } from './actions/control-layers.ts'
import {
  dragJoint,
  figuresOf,
  isPose,
  type JointPlace,
  nudgeJoint,
  type PoseLayer,
  poseLayerOf,
  removeFigure,
  settlePose,
  toggleJoint,
  usePose,
  walkJoints,
} from './actions/poses.ts'
import { type Point, toDocument, type View } from './viewport.ts'

interface Props {
  readonly document: StudioDocument
  readonly view: View
}

/** The figures of all pose layers that are seen; those of one can be taken by the hand while its tool is. */
export function PoseFigures({ document, view }: Props) {
  const tool = useTools(state => state.held ?? state.tool)
  const active = useCanvas(state => activeOf(document.layers, state.active))
  usePose()
  const edited = tool === 'pose' ? poseLayerOf(document.layers, active) : undefined
  const layers = document.layers.filter(isPose).filter(({ isVisible }) => isVisible)
  if (layers.length === 0) return null
  return (
    <>
      {layers.map(layer =>
        layer.id === edited?.id ? (
          <Editor key={layer.id} layer={layer} view={view} />
        ) : (
          <svg key={layer.id} className="poses" aria-hidden="true">
            {figuresOf(layer).map((figure, k) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: figures have no other name
              <Bones key={k} figure={figure} view={view} />
            ))}
          </svg>
        ),
      )}
    </>
  )
}

const onScreen = ({ x, y }: Point, view: View): Point => ({ x: view.x + x * view.scale, y: view.y + y * view.scale })
const rgb = ([red, green, blue]: readonly [number, number, number]) => `rgb(${red} ${green} ${blue})`

function Bones({ figure, view }: { readonly figure: Figure; readonly view: View }) {
  return bones.map(([from, to], place) => {
    const [start, end] = [jointAt(figure, from), jointAt(figure, to)]
    const colour = jointColours[place]
    if (start === undefined || end === undefined || colour === undefined) return null
    const [a, b] = [onScreen(start, view), onScreen(end, view)]
    return <line key={`${from}-${to}`} x1={a.x} y1={a.y} x2={b.x} y2={b.y} stroke={rgb(colour)} />
  })
}

const RADIUS = { joint: 5, hold: 12 }
const FACE = 14

function Editor({ layer, view }: { readonly layer: PoseLayer; readonly view: View }) {
  const chosen = usePose(state => state.chosen)
  const dragged = useRef<JointPlace>(undefined)
  const figures = figuresOf(layer)
  const place = ({ clientX, clientY, currentTarget }: PointerEvent<SVGElement>): Point => {
    const box = (currentTarget.ownerSVGElement ?? currentTarget).getBoundingClientRect()
    return toDocument({ x: clientX - box.left, y: clientY - box.top }, view)
  }
  const handlers = (at: JointPlace) => ({
    onPointerDown: (event: PointerEvent<SVGElement>) => {
      event.stopPropagation()
      event.currentTarget.setPointerCapture(event.pointerId)
      dragged.current = at
      usePose.setState({ chosen: at })
    },
    onPointerMove: (event: PointerEvent<SVGElement>) => {
      if (dragged.current !== undefined) dragJoint(layer, dragged.current, place(event), event.altKey)
    },
    onPointerUp: () => {
      dragged.current = undefined
      settlePose(layer, `Move ${nameOf(at).toLowerCase()}`)
    },
    onDoubleClick: () => toggleJoint(layer, at),
  })
  return (
    <svg
      className="poses edited"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: joints are walked with keys here
      tabIndex={0}
      role="application"
      aria-label={describe(figures, chosen)}
      onKeyDown={event => keys(event, layer)}
      data-testid="pose"
      data-keys="own"
    >
      {figures.map((figure, k) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: figures have no other name
        <g key={k}>
          <Bones figure={figure} view={view} />
          {figure.map((joint, at) => {
            if (joint === null) return null
            const { x, y } = onScreen(joint, view)
            const isChosen = chosen?.figure === k && chosen.joint === at
            const small = at >= FACE ? 1.5 : 0
            return (
              <g
                key={jointNames[at]}
                className={isChosen ? 'joint chosen' : 'joint'}
                data-handle
                {...handlers({ figure: k, joint: at })}
              >
                <title>{jointNames[at]}</title>
                <circle cx={x} cy={y} r={RADIUS.hold} className="hold" data-testid={`joint-${k}-${at}`} />
                {isChosen && <circle cx={x} cy={y} r={RADIUS.joint + 5} className="ring" />}
                <circle cx={x} cy={y} r={RADIUS.joint - small} className="dot" />
              </g>
            )
          })}
        </g>
      ))}
    </svg>
  )
}

const nameOf = ({ joint }: JointPlace): string => jointNames[joint] ?? 'Joint'

function describe(figures: readonly Figure[], chosen: JointPlace | undefined): string {
  const count = t('{count} figures', { count: figures.length })
  const joint = chosen && jointAt(figures[chosen.figure] ?? [], chosen.joint)
  if (chosen === undefined || joint === undefined)
    return t('Poses, {figures}. Page Down chooses a joint.', { figures: count })
  return t('Poses, {figures}, {joint} at {x}, {y}', {
    ...{ figures: count, joint: t(nameOf(chosen)), x: Math.round(joint.x), y: Math.round(joint.y) },
  })
}

function keys(event: KeyboardEvent, layer: PoseLayer): void {
  const { chosen } = usePose.getState()
  const arrow = arrowSteps[event.key]
  const step = event.shiftKey ? 10 : 1
  if (arrow !== undefined) nudgeJoint(arrow[0] * step, arrow[1] * step)
  else if (event.key === 'PageDown') walkJoints(1)
  else if (event.key === 'PageUp') walkJoints(-1)
  else if (event.key === 'Delete' && event.shiftKey) removeFigure()
  else if (event.key === 'Delete' && chosen !== undefined) toggleJoint(layer, chosen)
  else return
  event.preventDefault()
  event.stopPropagation()
}
