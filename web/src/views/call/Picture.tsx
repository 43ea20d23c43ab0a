/** The picture of one own track, silent. */
import { useEffect, useRef } from "react";

type Props = {
  readonly track: MediaStreamTrack;
  readonly label: string;
  /** As in a mirror, which is how people know themselves. */
  readonly mirrored?: boolean;
};

export function Picture({ track, label, mirrored = false }: Props) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = ref.current;
    if (video === null) return;
    video.srcObject = new MediaStream([track]);
    return () => {
      video.srcObject = null;
    };
  }, [track]);
  return (
    <video
      ref={ref}
      aria-label={label}
      autoPlay
      playsInline
      muted
      style={mirrored ? { transform: "scaleX(-1)" } : undefined}
    />
  );
}
