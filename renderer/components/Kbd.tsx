/** A shortcut on a button: seen, but no part of the button's name. */
export function Kbd({ keys }: { readonly keys: string }) {
  return (
    <span className="kbd" aria-hidden="true">
      {keys}
    </span>
  )
}
