import type { StudioDocument } from '../../app/api/documents.ts'
import { t } from '../language/language.ts'
import { useStudio } from '../state/studio.ts'
import { useTools } from '../state/tools.ts'
import { EmptyFrame } from './EmptyFrame.tsx'
import { FailureCard } from './FailureCard.tsx'
import { DifferenceGain, PairLabels, SplitLine } from './PairMarks.tsx'
import { Progress } from './Progress.tsx'
import type { Box } from './placing.ts'
import type { Rectangle } from './raster/rectangle.ts'
import { StoppedRow } from './StoppedRow.tsx'
import type { Scene } from './scene.ts'
import { useView } from './view.ts'
import { type Insets, onScreen, type Size } from './viewport.ts'

interface Props {
  readonly scene: Scene
  readonly size: Size
  /** In document pixels. */
  readonly frame: Rectangle
  readonly document: StudioDocument
  readonly side: boolean
  readonly gap: number
  readonly insets: Insets
}

const hasPicture = (scene: Scene) => scene.kind === 'picture' || scene.kind === 'results'

/** What is laid over the pictures: frame, its label, the line of a comparison, progress, messages. */
export function Overlay({ scene, size, frame: area, document, side, gap, insets }: Props) {
  const view = useView(state => state.view)
  const compare = useStudio(state => state.compare)
  const frame: Box = onScreen(area, view)
  const step = ((size.width + gap) / size.width) * frame.width
  const second: Box | undefined = side ? { ...frame, left: frame.left + step } : undefined
  const working = scene.kind === 'work' && scene.progress?.previews !== undefined
  const dashed = document.layers.length === 0 && !hasPicture(scene) && !working
  const pair = scene.kind === 'results' && scene.other !== undefined && compare !== 'single'
  return (
    <>
      <Outside frame={frame} document={document} />
      <div className={dashed ? 'frame dash' : 'frame'} style={frame} data-testid="frame">
        <FrameLabel area={area} size={size} />
        <FrameHandles />
      </div>
      {second !== undefined && <div className="frame" style={second} />}
      {scene.kind === 'empty' && <EmptyFrame frame={frame} />}
      {pair && compare === 'split' && <SplitLine frame={frame} />}
      {pair && compare === 'difference' && <DifferenceGain frame={frame} />}
      {pair && <PairLabels frame={frame} second={second} />}
      {scene.kind === 'work' && <Progress scene={scene} frame={frame} insets={insets} />}
      {scene.kind === 'stopped' && scene.job.state === 'cancelled' && (
        <StoppedRow scene={scene} frame={frame} insets={insets} />
      )}
      {scene.kind === 'stopped' && scene.job.state !== 'cancelled' && (
        <FailureCard frame={frame} insets={insets} job={scene.job} failure={scene.job.problem} step={scene.progress} />
      )}
      {scene.kind === 'refused' && <FailureCard frame={frame} insets={insets} failure={scene.failure} />}
    </>
  )
}

/** What the frame is and, where it is worked at another size, which. */
function FrameLabel({ area, size }: { readonly area: Rectangle; readonly size: Size }) {
  const isSame = area.width === size.width && area.height === size.height
  return (
    <div className="flabel num">
      <b>{t('Frame')}</b>
      {area.width} × {area.height}
      {!isSame && <span>{t('worked at {width} × {height}', { width: size.width, height: size.height })}</span>}
    </div>
  )
}

const HANDLES = ['0 0', '0 50', '0 100', '50 0', '50 100', '100 0', '100 50', '100 100'] as const

/** Where the frame can be taken hold of, while its tool is in the hand. */
function FrameHandles() {
  const shows = useTools(state => state.tool === 'frame')
  if (!shows) return null
  return HANDLES.map(place => {
    const [left, top] = place.split(' ')
    return <i key={place} className="h" style={{ left: `${left}%`, top: `${top}%` }} />
  })
}

const DIMS = ['frame', 'mask']

/** What is outside of the frame is dimmed while frame or mask are worked on. */
function Outside({ frame, document }: { readonly frame: Box; readonly document: StudioDocument }) {
  const shows = useTools(state => DIMS.includes(state.tool))
  const view = useView(state => state.view)
  if (!shows || document.layers.length === 0) return null
  const paper = onScreen({ x: 0, y: 0, width: document.width, height: document.height }, view)
  const [left, top] = [frame.left - paper.left, frame.top - paper.top]
  const [right, bottom] = [left + frame.width, top + frame.height]
  const hole = `0 0, 100% 0, 100% 100%, 0 100%, 0 0, ${left}px ${top}px, ${right}px ${top}px, ${right}px ${bottom}px, ${left}px ${bottom}px, ${left}px ${top}px`
  return <div className="outside" style={{ ...paper, clipPath: `polygon(evenodd, ${hole})` }} />
}
