; A robot with grippers carries balls between rooms. Untyped: kinds are static predicates.
(define (domain gripper-strips)
  (:requirements :strips)
  (:predicates
    (room ?r) (ball ?b) (gripper ?g)
    (at-robby ?r)       ; where the robot is
    (at ?b ?r)          ; where a ball lies
    (free ?g)
    (carry ?b ?g))

  (:action move
    :parameters (?from ?to)
    :precondition (and (at-robby ?from) (room ?from) (room ?to))
    :effect (and (not (at-robby ?from)) (at-robby ?to)))

  (:action pick
    :parameters (?ball ?room ?gripper)
    :precondition (and (at-robby ?room) (at ?ball ?room) (free ?gripper) (ball ?ball) (room ?room) (gripper ?gripper))
    :effect (and (not (at ?ball ?room)) (not (free ?gripper)) (carry ?ball ?gripper)))

  (:action drop
    :parameters (?ball ?room ?gripper)
    :precondition (and (at-robby ?room) (carry ?ball ?gripper) (ball ?ball) (room ?room) (gripper ?gripper))
    :effect (and (not (carry ?ball ?gripper)) (free ?gripper) (at ?ball ?room))))
