/** The product's mark and name. */
import mark from "../mark.svg";
import { common } from "../strings/common";
import styles from "./Calm.module.css";

export function Mark() {
  return (
    <span className={styles["mark"]}>
      <img src={mark} alt="" width={26} height={26} />
      {common.product}
    </span>
  );
}
