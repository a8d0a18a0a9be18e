import { bones, figureIn, jointAt, postures } from '../../app/api/pose.ts'
import { takePosture } from '../canvas/actions/poses.ts'
import { t } from '../language/language.ts'
import { useTools } from '../state/tools.ts'

/** Postures to begin with, while the pose tool is in the hand: a click takes the chosen figure there. */
export function PosePresets() {
  const shows = useTools(state => state.tool === 'pose')
  if (!shows) return null
  return (
    <div className="float presets" role="toolbar" aria-label={t('Postures')} data-scrolls data-testid="postures">
      {postures.map(posture => (
        <button
          key={posture.title}
          type="button"
          className="preset"
          onClick={() => takePosture(posture)}
          data-testid={`posture-${posture.title}`}
        >
          <Sketch posture={posture} />
          <span className="t12">{t(posture.title)}</span>
        </button>
      ))}
    </div>
  )
}

/** The body alone: a head and bones. */
function Sketch({ posture }: { readonly posture: (typeof postures)[number] }) {
  const figure = figureIn(posture, { x: 20, y: 26 }, 0.42)
  const head = jointAt(figure, 0)
  return (
    <svg width={40} height={44} viewBox="0 0 40 44" className="sketch" aria-hidden="true">
      {bones.slice(0, 12).map(([from, to]) => {
        const [a, b] = [jointAt(figure, from), jointAt(figure, to)]
        return a && b && <line key={`${from}-${to}`} x1={a.x} y1={a.y} x2={b.x} y2={b.y} />
      })}
      {head && <circle cx={head.x} cy={head.y - 1.5} r={4} />}
    </svg>
  )
}
