import { useStudio } from '../state/studio.ts'
import { EmptyFrame } from './EmptyFrame.tsx'
import { FailureCard } from './FailureCard.tsx'
import { DifferenceGain, PairLabels, SplitLine } from './PairMarks.tsx'
import { Progress } from './Progress.tsx'
import type { Box } from './placing.ts'
import { StoppedRow } from './StoppedRow.tsx'
import type { Scene } from './scene.ts'
import { useContentRect } from './view.ts'
import type { Insets, Size } from './viewport.ts'

interface Props {
  readonly scene: Scene
  readonly size: Size
  readonly side: boolean
  readonly gap: number
  readonly insets: Insets
}

const hasPicture = (scene: Scene) => scene.kind === 'picture' || scene.kind === 'results'

/** What is laid over the pictures: frame, its label, the line of a comparison, progress, messages. */
export function Overlay({ scene, size, side, gap, insets }: Props) {
  const rect = useContentRect()
  const compare = useStudio(state => state.compare)
  const scale = rect.width / (side ? size.width * 2 + gap : size.width)
  const frame: Box = { ...rect, width: size.width * scale }
  const second: Box | undefined = side ? { ...frame, left: rect.left + (size.width + gap) * scale } : undefined
  const working = scene.kind === 'work' && scene.progress?.previews !== undefined
  const dashed = !hasPicture(scene) && !working
  const pair = scene.kind === 'results' && scene.other !== undefined && compare !== 'single'
  return (
    <>
      <div className={dashed ? 'frame dash' : 'frame'} style={frame}>
        <div className="flabel num">
          <b>Frame</b>
          {size.width} × {size.height}
        </div>
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
